{{/* Every helper takes (dict "root" $ "part" "api|worker|migrate"). */}}

{{- define "ocm.name" -}}
{{ printf "%s-%s" .root.Release.Name .part | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "ocm.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "ocm.labels" -}}
{{ include "ocm.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "ocm.image" -}}
{{- with .root.Values.image -}}
{{ if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ default $.root.Chart.AppVersion .tag }}{{ end }}
{{- end -}}
{{- end }}

{{/* Variables of a process: settings, its own settings, and where its secrets lie. */}}
{{- define "ocm.environment" -}}
{{- $values := .root.Values }}
{{- $own := dict }}
{{- if ne .part "migrate" }}{{ $own = (index $values .part).settings }}{{ end }}
{{- range $name, $value := merge (dict) $own $values.settings }}
{{- if ne $value "" }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
{{- if eq .part "api" }}
- { name: PORT, value: "3000" }
{{- end }}
{{- if ne .part "migrate" }}
- { name: AUTHIO_METRICS_PORT, value: {{ $values.metricsPort | quote }} }
{{- end }}
{{- range (index $values.secrets .part).keys }}
- { name: {{ . }}_FILE, value: /etc/one-click-microsoft/secrets/{{ . }} }
{{- end }}
{{- if $values.temporalProfiles.secretName }}
- { name: TEMPORAL_CONFIG_FILE, value: /etc/one-click-microsoft/temporal/temporal.toml }
{{- end }}
{{- if and $values.applications.configMapName (eq .part "api") }}
- { name: AUTHIO_APPLICATIONS_FILE, value: /etc/one-click-microsoft/applications/applications.json }
{{- end }}
{{- end }}

{{- define "ocm.mounts" -}}
- { name: secrets, mountPath: /etc/one-click-microsoft/secrets, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.temporalProfiles.secretName }}
- { name: temporal, mountPath: /etc/one-click-microsoft/temporal, readOnly: true }
{{- end }}
{{- if and .root.Values.applications.configMapName (eq .part "api") }}
- { name: applications, mountPath: /etc/one-click-microsoft/applications, readOnly: true }
{{- end }}
{{- end }}

{{- define "ocm.volumes" -}}
{{- $secret := index .root.Values.secrets .part }}
- name: secrets
  secret:
    secretName: {{ $secret.name }}
    defaultMode: 0440
    items:
      {{- range $secret.keys }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if .root.Values.temporalProfiles.secretName }}
- name: temporal
  secret: { secretName: {{ .root.Values.temporalProfiles.secretName }}, defaultMode: 0440 }
{{- end }}
{{- if and .root.Values.applications.configMapName (eq .part "api") }}
- name: applications
  configMap: { name: {{ .root.Values.applications.configMapName }} }
{{- end }}
{{- end }}

{{/* What a pod may do: nothing but run. */}}
{{- define "ocm.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "ocm.containerSecurity" -}}
securityContext:
  readOnlyRootFilesystem: true
  allowPrivilegeEscalation: false
  capabilities: { drop: [ALL] }
{{- end }}

{{/* The container of a process; ports and probes stand where it is used. */}}
{{- define "ocm.container" -}}
name: {{ .part }}
image: {{ include "ocm.image" . | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
args: [{{ .part }}]
{{ include "ocm.containerSecurity" . }}
env:
  {{- include "ocm.environment" . | nindent 2 }}
volumeMounts:
  {{- include "ocm.mounts" . | nindent 2 }}
resources:
  {{- toYaml (index .root.Values .part).resources | nindent 2 }}
{{- end }}

{{/* Where a pod may run: replicas on different nodes where that can be. */}}
{{- define "ocm.placement" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "ocm.selector" . | nindent 8 }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
