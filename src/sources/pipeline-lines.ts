/** What every snippet runs. */
export const RUN = 'secretctl run -- ./deploy.sh';

/** What ends its login. */
export const LOGOUT = 'secretctl logout';

/**
 * Both, for a CI without a place for what comes at the end of a job. Not every shell runs what is trapped at its EXIT when a
 * signal ends it, which is how a build is canceled.
 */
export const SCRIPT: readonly string[] = [`trap '${LOGOUT}' EXIT`, "trap 'exit 143' TERM", RUN];

/** Alone in its pod: it gets the signals itself, which a shell would not hand on, and revokes what it does not keep. */
export const COMMAND = '[secretctl, run, --no-cache, --, ./deploy.sh]';

/** The image that stands for the user's own. */
export const IMAGE = 'example.com/deploy:1';

/** Lines, each so many spaces further in. */
export function indented(by: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => ' '.repeat(by) + line);
}
