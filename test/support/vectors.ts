import type { Reason } from '../../src/lib/errors.ts';
import type { Finished } from './program.ts';
import type { Stage } from './stage.ts';

/** One row of the list of hostile cases: what goes in, and exactly what comes out of the built program. */
export interface Vector {
  /** Row number; the file is named after it. */
  readonly row: number;
  readonly title: string;
  readonly cases: readonly Case[];
}

/** One run of a row. */
export interface Case {
  /** Told apart from the other cases of its row; may be left out when there is one. */
  readonly name?: string;
  /** What the rehearsal server does wrong, in the language of `--fault`. */
  readonly faults?: readonly string[];
  /** Paths that exist and that the job may not read. */
  readonly forbidden?: readonly string[];
  /** Product variants, as `--option` has them. */
  readonly options?: Readonly<Record<string, string>>;
  /** The product rehearsed: `conjur` unless said otherwise. */
  readonly backend?: string;
  /** What the server holds instead of the stage's own secrets, by path. */
  readonly secrets?: ReadonlyMap<string, Buffer>;
  /** How far the server's clock is ahead. */
  readonly serverClockMs?: number;
  /** Claims that the job's token carries instead. */
  readonly claims?: Readonly<Record<string, unknown>> | (() => Readonly<Record<string, unknown>>);
  /** Files in the working directory before the run, by relative path. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Variables on top of the job's; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Last preparations on the stage. May return more environment. */
  readonly before?: (
    stage: Stage,
  ) =>
    | Promise<Readonly<Record<string, string | undefined>> | void>
    | Readonly<Record<string, string | undefined>>
    | void;
  /** Arguments; the default fetches one secret as JSON to stdout. */
  readonly args?: readonly string[] | ((stage: Stage) => readonly string[]);
  readonly stdin?: string | Buffer;
  /** Runs instead of the plain program: a shell script with `secretctl` on its PATH, a signal sent half-way. */
  readonly run?: (stage: Stage, env: Readonly<Record<string, string>>, args: readonly string[]) => Promise<Finished>;

  readonly exit: number;
  /** The reason in the last line of stderr; none for exit 0. */
  readonly reason?: Reason;
  /** Patterns that stderr must hold, and must not. */
  readonly says?: readonly (RegExp | string)[];
  readonly saysNot?: readonly (RegExp | string)[];
  /** Exact stdout; on failure nothing, unless said. */
  readonly stdout?: string | Buffer | RegExp;
  /** How many requests reached the server. */
  readonly packets?: number;
  /** What must hold afterwards. */
  readonly after?: (stage: Stage, finished: Finished) => Promise<void> | void;
  /** Why this case cannot be run on this machine; it is then skipped and counted. */
  readonly skip?: (() => string | undefined) | undefined;
}

/** Checks its form and is it. */
export function vector(one: Vector): Vector {
  return one;
}
