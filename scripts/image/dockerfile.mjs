/**
 * Reads the stages of a Dockerfile as far as ours goes: COPY, RUN and USER.
 * @throws where a line is of a kind that it does not know, so that nothing is passed over in silence
 */
export function readDockerfile(text) {
  const stages = [];
  const lines = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\\\n/g, " ")
    .split("\n");
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const [word, ...rest] = line.trim().split(/\s+/);
    const stage = stages.at(-1);
    if (word === "FROM") stages.push({ image: rest[0], name: rest[2], steps: [] });
    else if (word === "RUN") stage.steps.push({ kind: "run", command: rest.join(" ") });
    else if (word === "USER") stage.user = rest[0];
    else if (word === "COPY") {
      const from = rest[0].startsWith("--from=") ? rest.shift().slice(7) : undefined;
      if (rest[0].startsWith("--")) throw new Error(`not read: ${line}`);
      stage.steps.push({ kind: "copy", from, sources: rest.slice(0, -1), target: rest.at(-1) });
    } else if (!["WORKDIR", "ENV", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"].includes(word))
      throw new Error(`not read: ${line}`);
  }
  return stages;
}
