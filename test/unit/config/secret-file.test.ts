import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Environment } from "../../../src/config/environment.ts";
import { secretFile } from "../../../src/config/secret-file.ts";

let folder: string;
let file: string;
let nowMs: number;
let read: () => string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "secret-"));
  file = path.join(folder, "secret");
  writeFileSync(file, "first\n");
  nowMs = 0;
  read = secretFile(file, "first", () => nowMs);
});
afterEach(() => rmSync(folder, { recursive: true }));

const aSecondLater = (): string => {
  nowMs += 1000;
  return read();
};

describe("a secret in a file", () => {
  it("is read again when the file has changed, once a second at most", () => {
    writeFileSync(file, "another, longer\n");
    expect(read()).toBe("first");
    expect(aSecondLater()).toBe("another, longer");
  });

  it("is read again when another file takes its place", () => {
    writeFileSync(`${file}.new`, "third");
    renameSync(`${file}.new`, file);
    expect(aSecondLater()).toBe("third");
    rmSync(file);
    writeFileSync(path.join(folder, "..v2"), "fourth one");
    symlinkSync(path.join(folder, "..v2"), file);
    expect(aSecondLater()).toBe("fourth one");
  });

  it("stays what it was while the file is away or empty, and is taken once it is whole", () => {
    rmSync(file);
    expect(aSecondLater()).toBe("first");
    writeFileSync(file, "\n");
    expect(aSecondLater()).toBe("first");
    writeFileSync(file, "second\n");
    expect(aSecondLater()).toBe("second");
  });

  it("a value in the environment itself stays", () => {
    const env = new Environment({ A: "plain", B_FILE: file });
    expect(env.secret("A")?.reveal()).toBe("plain");
    expect(env.secret("B")?.reveal()).toBe("first");
    expect(env.secret("C")).toBeUndefined();
    expect(String(env.secret("B"))).toBe("[secret]");
  });
});
