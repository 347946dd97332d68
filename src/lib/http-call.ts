import type { Dispatcher } from 'undici';

import type { HttpAnswer, HttpLimits } from './http-types.ts';
import type { Room } from './http-body.ts';
import type { Fault, Peer } from './http-fault.ts';
import type { Runtime } from './runtime.ts';

/** The answer to sending once: it knows of no other tries. */
export type OneAnswer = Omit<HttpAnswer, 'tries'>;

/** What came of sending a request once. */
export type Outcome =
  | { readonly answer: OneAnswer; readonly fault?: never }
  | { readonly fault: Fault; readonly answer?: never };

/** One request, ready for the wire. */
export interface Call {
  readonly endpoint: URL;
  readonly method: Dispatcher.HttpMethod;
  /** With the endpoint's base path. */
  readonly path: string;
  /** `METHOD https://host/path`, for messages. */
  readonly shown: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  readonly maxAnswerBytes: number;
  /** Of all answers of the client. */
  readonly room: Room;
  readonly contentEncoding: string | undefined;
  readonly requestId: string;
  /** Ends the call; its reason is the error. */
  readonly signal: AbortSignal;
}

/** One connection, for one request at a time. */
export interface Line {
  readonly dispatcher: Dispatcher;
  /** The first error of its latest connection: undici reports the last, which hides why the server hung up. */
  readonly firstError: () => Error | undefined;
  readonly peer: Peer;
  readonly limits: HttpLimits;
  readonly runtime: Pick<Runtime, 'now' | 'monotonic' | 'sleep'>;
}
