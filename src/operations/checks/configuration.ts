import { fail, type Finding, pass, skip } from "./check.ts";

/** What was wrong with the variables; undefined where nothing was, or where they belong to another process. */
export function checkConfiguration(problems: readonly string[] | undefined): Finding {
  if (problems === undefined)
    return skip("the API's variables are not set here", "run doctor where they are, too");
  return problems.length === 0
    ? pass("every variable can be read")
    : fail(problems.join("; "), "set them right; the README names each");
}

/** People sign in to an application of ours. */
export function checkApplications(count: number): Finding {
  return count > 0
    ? pass(`${count} listed`)
    : skip("none: sign-in ends on the test page", "name a file in AUTHIO_APPLICATIONS_FILE");
}
