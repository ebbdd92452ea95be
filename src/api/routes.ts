import { assetRoute, serveAsset } from "./assets.ts";
import { consentCallback } from "./browser/consent-callback.ts";
import { consentCallbackRoute, consentRefusedRoute } from "./browser/consent-routes.ts";
import { initiateRoute, initiateSignIn } from "./browser/initiate-sign-in.ts";
import { launch, launchRoute } from "./browser/launch.ts";
import { progress, progressEvents, progressEventsRoute, progressRoute } from "./browser/progress.ts";
import { refusedPage } from "./browser/refusal.ts";
import {
  adminConsentRoute,
  askAdminConsent,
  finishSignIn,
  signInCallbackRoute,
  signInRefusedRoute,
} from "./browser/sign-in-routes.ts";
import { served, type ServedRoute } from "./contract/served-route.ts";
import { exchangeHandoff, exchangeRoute } from "./handoff/exchange.ts";
import { health, healthRoute } from "./health.ts";
import { authorize, authorizeRoute } from "./oidc/authorize.ts";
import { discovery, discoveryRoute, keySet, keySetRoute, oauthDiscoveryRoute } from "./oidc/discovery.ts";
import { endSession, endSessionRoute } from "./oidc/end-session.ts";
import { tokenEndpoint, tokenRoute } from "./oidc/token.ts";
import { userinfo, userinfoRoute } from "./oidc/userinfo.ts";
import { auditRoute, operatorAudit } from "./operators/audit.ts";
import {
  disconnectAnyConnectionRoute,
  listAllConnectionsRoute,
  restoreAnyConnectionRoute,
  resumeAnyConnectionRoute,
  suspendAnyConnectionRoute,
} from "./operators/connection-routes.ts";
import {
  disconnectAnyConnection,
  listEveryConnection,
  restoreAnyConnection,
  resumeAnyConnection,
  suspendAnyConnection,
} from "./operators/connections.ts";
import { eventFeed, eventFeedRoute } from "./operators/events.ts";
import {
  cancelProvision,
  cancelProvisionRoute,
  listProvisions,
  listProvisionsRoute,
  retryProvision,
  retryProvisionRoute,
  showProvision,
  showProvisionRoute,
} from "./operators/provisions.ts";
import {
  createWebhookRoute,
  deleteWebhookRoute,
  listWebhooksRoute,
  replayWebhookRoute,
  rotateWebhookRoute,
  testWebhookRoute,
  webhookDeliveriesRoute,
} from "./operators/webhook-routes.ts";
import {
  createWebhook,
  deleteWebhook,
  listWebhooks,
  replayDeliveries,
  rotateWebhook,
  sendTest,
  webhookDeliveries,
} from "./operators/webhooks.ts";
import { confirmSetupLinkRoute, takeSetupLink } from "./portal/confirm-setup-link.ts";
import { createSetupLinkRoute, makeSetupLink } from "./portal/create-setup-link.ts";
import { oneSetupLink, setupLinkRoute } from "./portal/one-setup-link.ts";
import { revokeSetupLinkRoute, withdrawSetupLink } from "./portal/revoke-setup-link.ts";
import { setupLinkList, setupLinkListRoute } from "./portal/setup-link-list.ts";
import { readiness, readinessRoute } from "./readiness.ts";
import { referenceRoutes } from "./reference.ts";
import { organizationAudit, organizationAuditRoute } from "./session/audit.ts";
import { cancelOwnProvision, cancelOwnProvisionRoute } from "./session/cancel-provision.ts";
import { changeConnectionRoute, patchConnection } from "./session/change-connection.ts";
import { confirmProvision, confirmProvisionRoute } from "./session/confirm-provision.ts";
import { availabilityRoute, provisionAvailability } from "./session/availability.ts";
import { connectionList, connectionListRoute } from "./session/connection-list.ts";
import { connectionRoute, oneConnection } from "./session/one-connection.ts";
import { provisionStatus, provisionStatusRoute } from "./session/provision-status.ts";
import { disconnectConnection, disconnectConnectionRoute } from "./session/disconnect-connection.ts";
import { releaseAccess, releaseAccessRoute } from "./session/release-access.ts";
import { restoreConnection, restoreConnectionRoute } from "./session/restore-connection.ts";
import { answerSetup, answerSetupRoute } from "./setup/answer-setup.ts";
import { setupClickRoute, showSetupClick } from "./setup/click-page.ts";
import { openSetupLink, setupLinkPageRoute } from "./setup/link-page.ts";
import { pressLink, pressSetupLinkRoute } from "./setup/press-link.ts";
import { startProvision, startProvisionRoute } from "./session/start-provision.ts";

/** Every route of the API, in the order of its reference. What is not here is not served. */
export const routes: readonly ServedRoute[] = [
  served(availabilityRoute, provisionAvailability),
  served(startProvisionRoute, startProvision),
  served(provisionStatusRoute, provisionStatus),
  served(confirmProvisionRoute, confirmProvision),
  served(cancelOwnProvisionRoute, cancelOwnProvision),

  served(connectionListRoute, connectionList),
  served(connectionRoute, oneConnection),
  served(changeConnectionRoute, patchConnection),
  served(disconnectConnectionRoute, disconnectConnection),
  served(restoreConnectionRoute, restoreConnection),
  served(releaseAccessRoute, releaseAccess),
  served(organizationAuditRoute, organizationAudit),

  served(createSetupLinkRoute, makeSetupLink),
  served(setupLinkListRoute, setupLinkList),
  served(setupLinkRoute, oneSetupLink),
  served(confirmSetupLinkRoute, takeSetupLink),
  served(revokeSetupLinkRoute, withdrawSetupLink),
  served(setupLinkPageRoute, openSetupLink),
  served(pressSetupLinkRoute, pressLink),
  served(setupClickRoute, showSetupClick),
  served(answerSetupRoute, answerSetup),

  served(consentCallbackRoute, consentCallback),
  served(consentRefusedRoute, refusedPage),
  served(progressRoute, progress),
  served(progressEventsRoute, progressEvents),

  served(initiateRoute, initiateSignIn),
  served(launchRoute, launch),
  served(signInCallbackRoute, finishSignIn),
  served(signInRefusedRoute, refusedPage),
  served(adminConsentRoute, askAdminConsent),
  served(exchangeRoute, exchangeHandoff),

  served(discoveryRoute, discovery),
  served(oauthDiscoveryRoute, discovery),
  served(authorizeRoute, authorize),
  served(tokenRoute, tokenEndpoint),
  served(userinfoRoute, userinfo),
  served(endSessionRoute, endSession),
  served(keySetRoute, keySet),

  served(listProvisionsRoute, listProvisions),
  served(showProvisionRoute, showProvision),
  served(retryProvisionRoute, retryProvision),
  served(cancelProvisionRoute, cancelProvision),
  served(listAllConnectionsRoute, listEveryConnection),
  served(suspendAnyConnectionRoute, suspendAnyConnection),
  served(resumeAnyConnectionRoute, resumeAnyConnection),
  served(disconnectAnyConnectionRoute, disconnectAnyConnection),
  served(restoreAnyConnectionRoute, restoreAnyConnection),
  served(eventFeedRoute, eventFeed),
  served(auditRoute, operatorAudit),

  served(listWebhooksRoute, listWebhooks),
  served(createWebhookRoute, createWebhook),
  served(deleteWebhookRoute, deleteWebhook),
  served(rotateWebhookRoute, rotateWebhook),
  served(testWebhookRoute, sendTest),
  served(replayWebhookRoute, replayDeliveries),
  served(webhookDeliveriesRoute, webhookDeliveries),

  served(healthRoute, health),
  { route: readinessRoute, open: readiness },
  served(assetRoute, serveAsset),
  ...referenceRoutes(() => routes.map(({ route }) => route)),
];
