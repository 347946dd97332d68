import type { Deadline } from './deadline.ts';
import { SecretctlError } from './errors.ts';
import type { HttpAnswer, HttpLimits, HttpRequest, HttpSettings, Tries } from './http-types.ts';
import type { Room } from './http-body.ts';
import type { Call, OneAnswer, Outcome } from './http-call.ts';
import type { EndpointPool } from './http-pool.ts';
import {
  backoffMs,
  isElsewhere,
  isRepeatable,
  MOST_ATTEMPTS,
  reconnectMs,
  retryAfterMs,
  triesText,
} from './http-retry.ts';
import type { Invocation } from './invocation.ts';
import type { Sensitive } from './sensitive.ts';
import { duration, quoted, visible } from './text.ts';
import { VERSION } from './version.ts';

/** What a client sends with. */
export interface Sender {
  readonly settings: HttpSettings;
  readonly limits: HttpLimits;
  readonly invocation: Invocation;
  readonly state: SenderState;
}

/** What a client learns while it sends. */
export interface SenderState {
  /** Index of the endpoint that answered last. */
  preferred: number;
  clockOffsetMs: number;
  isClockWarned: boolean;
  readonly pools: Map<number, Promise<EndpointPool>>;
  readonly room: Room;
}

/**
 * Sends until there is an answer that counts, on whichever endpoint gives it, within the deadline. An answer whose
 * status may change is returned like any other after the last try. Throws RATE_LIMITED when the server asks for more
 * patience than there is time (security.md, section 5, "retry" and "failover list").
 */
export async function sendRepeatedly(request: HttpRequest, sender: Sender): Promise<HttpAnswer> {
  const { runtime, journal } = sender.invocation;
  const deadline = request.deadline ?? sender.invocation.deadline;
  const startedAtMs = runtime.monotonic();
  for (let failures = 1; ; failures++) {
    deadline.signal.throwIfAborted();
    const outcome = await sendRound(request, sender, deadline);
    const elapsedMs = runtime.monotonic() - startedAtMs;
    const tries = { count: failures, elapsedMs };
    if (!isWorthRepeating(request, outcome)) return conclude(outcome, tries);
    const pauseMs = nextPauseMs(outcome, failures, { elapsedMs, deadline, sender, request });
    if (failures === MOST_ATTEMPTS || pauseMs >= deadline.remainingMs()) return conclude(outcome, tries);
    journal.debug('repeat', { path: request.label, failures, pauseMs: Math.round(pauseMs) });
    await runtime.sleep(pauseMs, deadline.signal);
  }
}

function conclude({ answer, fault }: Outcome, tries: Tries): HttpAnswer {
  if (answer !== undefined) return { ...answer, tries };
  const { reason, message, facts } = fault.error;
  if (tries.count === 1) throw fault.error;
  throw new SecretctlError(reason, `${message}; ${triesText(tries)}`, facts);
}

function isWorthRepeating(request: HttpRequest, outcome: Outcome): boolean {
  if (outcome.fault === undefined) {
    const { status } = outcome.answer;
    return isOpen(request, status) && (isRepeatable(status) || request.repeatStatuses?.includes(status) === true);
  }
  const { mayRepeat, stage } = outcome.fault;
  if (!mayRepeat) return false;
  // What never left cannot be sent twice.
  if (stage === 'connect') return true;
  return stage === 'sent' ? request.retry !== 'none' : request.retry === 'all';
}

/** Whether a status is the transport's to judge, not the product's. */
function isOpen(request: HttpRequest, status: number): boolean {
  return request.retry === 'all' && request.finalStatuses?.includes(status) !== true;
}

interface Situation {
  readonly elapsedMs: number;
  readonly deadline: Deadline;
  readonly sender: Sender;
  readonly request: HttpRequest;
}

function nextPauseMs(outcome: Outcome, failures: number, situation: Situation): number {
  const { runtime } = situation.sender.invocation;
  const draw = runtime.random(4).readUInt32LE() / 2 ** 32;
  if (outcome.fault !== undefined) {
    const isReconnect = outcome.fault.stage === 'connect';
    return isReconnect ? reconnectMs(failures, draw, situation.elapsedMs) : backoffMs(failures, draw);
  }
  const { answer } = outcome;
  const askedMs = retryAfterMs(answer.headers['retry-after'], runtime.now() + (answer.clockOffsetMs ?? 0));
  if (askedMs === undefined) return backoffMs(failures, draw);
  refuseLongWait(askedMs, answer, situation);
  // A little later than asked, so that not all come at once; but not too late.
  return Math.min(askedMs * (1 + draw / 10), Math.max(askedMs, situation.deadline.remainingMs() - 1));
}

function refuseLongWait(askedMs: number, { request, status, requestId }: OneAnswer, { deadline }: Situation): void {
  const leftMs = deadline.remainingMs();
  if (askedMs < leftMs) return;
  const retryAfterSeconds = Math.ceil(askedMs / 1000);
  const message = `the server asks to wait ${retryAfterSeconds} s before ${request} (status ${status}); ${duration(leftMs)} are left`;
  throw new SecretctlError('RATE_LIMITED', message, {
    retryAfterSeconds,
    hint: 'run the job again after that, or raise --timeout beyond it; fewer jobs at a time are limited less',
    ...(requestId !== undefined && { requestId }),
  });
}

/** Tries each endpoint once at most, the one that answered last first. */
async function sendRound(request: HttpRequest, sender: Sender, deadline: Deadline): Promise<Outcome> {
  const { settings, state, invocation } = sender;
  const count = settings.endpoints.length;
  const first = state.preferred;
  for (let step = 0; ; step++) {
    const index = (first + step) % count;
    const outcome = await sendOnce(request, sender, { index, deadline });
    const isPoor = isBetterElsewhere(request, outcome);
    if (!isPoor && outcome.fault === undefined) state.preferred = index;
    if (!isPoor || step === count - 1) return outcome;
    const next = endpointAt(sender, (index + 1) % count);
    invocation.journal.debug('failover', { from: endpointAt(sender, index).origin, to: next.origin });
  }
}

function isBetterElsewhere(request: HttpRequest, outcome: Outcome): boolean {
  if (outcome.fault !== undefined) return outcome.fault.elsewhere;
  return isOpen(request, outcome.answer.status) && isElsewhere(outcome.answer.status);
}

async function sendOnce(
  request: HttpRequest,
  sender: Sender,
  { index, deadline }: { index: number; deadline: Deadline },
): Promise<Outcome> {
  const { runtime, journal } = sender.invocation;
  const requestId = runtime.random(8).toString('hex');
  const call = prepareCall(request, sender, { index, requestId, signal: deadline.signal });
  const pool = await poolAt(sender, index);
  const startedAtMs = runtime.monotonic();
  const outcome = await pool.send(call);
  journal.debug('request', {
    method: request.method,
    endpoint: call.endpoint.host,
    path: request.label,
    status: outcome.answer?.status,
    reason: outcome.fault?.error.reason,
    sent: call.body?.length ?? 0,
    received: outcome.answer?.body.length,
    ms: Math.round(runtime.monotonic() - startedAtMs),
    id: requestId,
  });
  if (outcome.answer !== undefined) learnClock(outcome.answer, sender);
  // An error page is looked at and dropped.
  if (outcome.answer !== undefined && outcome.answer.status >= 400)
    sender.state.room.left += outcome.answer.body.length;
  return outcome;
}

function prepareCall(
  request: HttpRequest,
  sender: Sender,
  { index, requestId, signal }: { index: number; requestId: string; signal: AbortSignal },
): Call {
  const { limits } = sender;
  const endpoint = endpointAt(sender, index);
  const headers = {
    'user-agent': `secretctl/${VERSION}`,
    'accept-encoding': request.contentEncoding ?? 'identity',
    'x-request-id': requestId,
    ...request.headers,
    ...revealed(request.secretHeaders ?? {}),
  };
  const body = request.body?.reveal() ?? null;
  const path = `${endpoint.pathname.replace(/\/+$/, '')}${request.path}`;
  const shown = `${request.method} ${visible(`${endpoint.origin}${path}`)}`;
  const size = (body?.length ?? 0) + path.length + Object.entries(headers).flat().join('').length;
  if (size > limits.requestBytes) {
    throw new SecretctlError(
      'BAD_REQUEST',
      `${shown} would be larger than ${limits.requestBytes} bytes; nothing was sent`,
    );
  }
  return {
    endpoint,
    method: request.method,
    path,
    shown,
    headers,
    body,
    maxAnswerBytes: request.maxAnswerBytes,
    room: sender.state.room,
    contentEncoding: request.contentEncoding,
    requestId,
    signal,
  };
}

/** Visible ASCII and spaces: all that a token may be made of. Anything else came from a server that is not in order. */
function revealed(secretHeaders: Readonly<Record<string, Sensitive>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secretHeaders).map(([name, value]) => {
      const text = value.reveal().toString('latin1');
      if (/^[\x20-\x7e]+$/.test(text)) return [name, text];
      throw new SecretctlError(
        'UNEXPECTED_ANSWER',
        `what the server gave for the header ${quoted(name)} cannot stand in a header`,
      );
    }),
  );
}

/** The endpoint with this index. */
export function endpointAt({ settings }: Pick<Sender, 'settings'>, index: number): URL {
  const endpoint = settings.endpoints[index];
  if (endpoint === undefined) throw new SecretctlError('INTERNAL', 'a backend without an endpoint');
  return endpoint;
}

function poolAt(sender: Sender, index: number): Promise<EndpointPool> {
  const { state, settings, limits, invocation } = sender;
  const open = state.pools.get(index) ?? openPoolLazily(endpointAt(sender, index), settings, limits, invocation);
  state.pools.set(index, open);
  return open;
}

/** Loads the HTTP library: with the first request, not before. */
async function openPoolLazily(
  endpoint: URL,
  settings: HttpSettings,
  limits: HttpLimits,
  invocation: Invocation,
): Promise<EndpointPool> {
  const { openPool } = await import('./http-pool.ts');
  return openPool(endpoint, settings, limits, invocation);
}

/** Beyond this the server will find our tokens' times odd, milliseconds. */
const LARGEST_OFFSET_MS = 60_000;

function learnClock({ clockOffsetMs }: OneAnswer, { state, invocation }: Sender): void {
  if (clockOffsetMs === undefined) return;
  state.clockOffsetMs = clockOffsetMs;
  if (Math.abs(clockOffsetMs) <= LARGEST_OFFSET_MS || state.isClockWarned) return;
  state.isClockWarned = true;
  const side = clockOffsetMs > 0 ? 'behind' : 'ahead of';
  invocation.journal.warn(`this machine's clock is ${duration(clockOffsetMs)} ${side} the server's`);
}
