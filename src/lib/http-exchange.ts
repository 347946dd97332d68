import type { Dispatcher } from 'undici';

import { SecretctlError, systemCode } from './errors.ts';
import { type Gathering, gather, MOST_TOGETHER } from './http-body.ts';
import type { Call, Line, OneAnswer, Outcome } from './http-call.ts';
import { ConnectError, type Fault, finalFault, lateTlsFault } from './http-fault.ts';
import { bodyRule, headersOf } from './http-framing.ts';
import { httpDateMs } from './http-retry.ts';
import { visible } from './text.ts';

/** Sends a request once and reads the answer, within the limits of the line. Never throws. */
export function exchange(call: Call, line: Line): Promise<Outcome> {
  return new Promise((resolve) => {
    const reading = openReading(call, resolve);
    if (reading.isSettled()) return;
    const { endpoint, method, path, headers, body } = call;
    line.dispatcher.dispatch(
      { origin: endpoint.origin, method, path, headers: { ...headers }, body, headersTimeout: 0, bodyTimeout: 0 },
      handlerOf(reading, call, line),
    );
  });
}

/** The state of one call: how far the answer has come. */
interface Progress {
  stage: Fault['stage'];
  controller: Dispatcher.DispatchController | undefined;
  answer: Omit<OneAnswer, 'body'> | undefined;
  readonly body: Gathering;
  /** On the monotonic clock, milliseconds. */
  sentAtMs: number;
  lastByteAtMs: number;
}

/** One call under way. Only the first end of it counts. */
interface Reading {
  readonly progress: Progress;
  isSettled(): boolean;
  settle(outcome: Outcome): void;
  /** Ends the call before its answer ends; the connection goes with it. */
  giveUp(fault: Fault): void;
  /** Ends the call when this watch ends first; in place of the watch before. */
  watch(wait: (signal: AbortSignal) => Promise<Fault>): void;
}

function openReading(call: Call, resolve: (outcome: Outcome) => void): Reading {
  const progress: Progress = {
    stage: 'connect',
    controller: undefined,
    answer: undefined,
    body: gather(call.maxAnswerBytes, call.room),
    sentAtMs: 0,
    lastByteAtMs: 0,
  };
  let clock = new AbortController();
  let isSettled = false;
  const settle = (outcome: Outcome): void => {
    if (isSettled) return;
    isSettled = true;
    clock.abort();
    call.signal.removeEventListener('abort', end);
    resolve(outcome);
  };
  const abandon = (outcome: Outcome): void => {
    settle(outcome);
    progress.controller?.abort(new Error('given up'));
  };
  const end = (): void => {
    if (!isSettled) progress.body.drop();
    abandon({ fault: endedFault(call, progress.stage) });
  };
  const giveUp = (fault: Fault): void => {
    // Of an answer that is a failure only the status counts: whatever is wrong with its body, the body is dropped.
    const { answer } = progress;
    if (!isSettled) progress.body.drop();
    const isFailure = answer !== undefined && answer.status >= 400;
    abandon(isFailure ? { answer: { ...answer, body: Buffer.alloc(0) } } : { fault });
  };
  const watch = (wait: (signal: AbortSignal) => Promise<Fault>): void => {
    clock.abort();
    clock = new AbortController();
    void wait(clock.signal).then(giveUp, () => undefined);
  };
  call.signal.addEventListener('abort', end);
  if (call.signal.aborted) end();
  return { progress, isSettled: () => isSettled, settle, giveUp, watch };
}

function handlerOf(reading: Reading, call: Call, line: Line): Dispatcher.DispatchHandler {
  const { progress } = reading;
  return {
    onRequestStart(controller) {
      progress.controller = controller;
      if (reading.isSettled()) return controller.abort(new Error('given up'));
      progress.stage = 'sent';
      progress.sentAtMs = line.runtime.monotonic();
      reading.watch((signal) => watchHeaders(call, line, signal));
    },
    onResponseStarted() {
      progress.stage = 'answer';
    },
    onResponseStart(controller, status) {
      // 103 and its like come before the answer.
      if (status < 200 || reading.isSettled()) return;
      const headers = headersOf(controller.rawHeaders);
      progress.answer = answerOf(call, line, status, headers);
      progress.lastByteAtMs = line.runtime.monotonic();
      const fault = bodyRule(call, status, headers);
      if (fault !== undefined) return reading.giveUp(fault);
      const announced = headers['content-length'];
      progress.body.announce(announced === undefined ? undefined : Number(announced));
      reading.watch((signal) => watchBody(call, line, progress, signal));
    },
    onResponseData(_controller, chunk) {
      if (reading.isSettled()) return;
      progress.lastByteAtMs = line.runtime.monotonic();
      const broken = progress.body.add(chunk);
      if (broken !== undefined) reading.giveUp(broken === 'own' ? tooBig(call) : tooBigTogether(call));
    },
    onResponseEnd() {
      const { answer, body } = progress;
      if (answer === undefined) return reading.giveUp(finalFault('FRAMING', `the answer to ${call.shown} has no head`));
      reading.settle({ answer: { ...answer, body: body.bytes() } });
    },
    onResponseError(_controller, error) {
      reading.giveUp(faultOf(error, call, line, progress));
    },
  };
}

function answerOf(
  call: Call,
  line: Line,
  status: number,
  headers: Readonly<Record<string, string>>,
): Omit<OneAnswer, 'body'> {
  const serverNowMs = httpDateMs(headers['date']);
  const named = headers['x-request-id'] ?? '';
  return {
    request: call.shown,
    status,
    headers,
    clockOffsetMs: serverNowMs === undefined ? undefined : serverNowMs - line.runtime.now(),
    requestId: /^[\w.:/+=-]{1,128}$/.test(named) ? named : call.requestId,
  };
}

/** Resolves with the fault when no headers came in time; rejects when `signal` ends. */
async function watchHeaders(call: Call, { limits, runtime }: Line, signal: AbortSignal): Promise<Fault> {
  const ms = Math.min(limits.headersMs, limits.requestMs);
  await runtime.sleep(ms, signal);
  const message = `${call.shown} was not answered within ${seconds(ms)}`;
  return { ...finalFault('TIMEOUT_HEADERS', message, { hint: SLOW }), stage: 'sent' };
}

/** Resolves with the fault when the body stops or takes too long; rejects when `signal` ends. */
async function watchBody(
  call: Call,
  { limits, runtime }: Line,
  progress: Progress,
  signal: AbortSignal,
): Promise<Fault> {
  const end = progress.sentAtMs + limits.requestMs;
  for (;;) {
    const now = runtime.monotonic();
    const idleEnd = progress.lastByteAtMs + limits.idleBodyMs;
    if (now >= end)
      return finalFault('TIMEOUT', `the answer to ${call.shown} was not complete after ${seconds(limits.requestMs)}`, {
        hint: SLOW,
      });
    if (now >= idleEnd) {
      return finalFault(
        'TIMEOUT',
        `the answer to ${call.shown} stopped for ${seconds(limits.idleBodyMs)} before its end`,
        { hint: SLOW },
      );
    }
    // Never less than one: a clock that is read a little early would be asked again at once.
    await runtime.sleep(Math.max(1, Math.min(end, idleEnd) - now), signal);
  }
}

const SLOW = 'this may pass: run the job again; if it does not, the server or something on the way to it hangs';

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`;
}

function tooBig(call: Call): Fault {
  return finalFault('RESPONSE_TOO_BIG', `the answer to ${call.shown} is larger than ${call.maxAnswerBytes} bytes`);
}

function tooBigTogether(call: Call): Fault {
  const message = `with the answer to ${call.shown}, the answers of this run are larger than ${MOST_TOGETHER} bytes together`;
  return finalFault('RESPONSE_TOO_BIG', message, { hint: 'fetch fewer secrets in one run' });
}

/** Why the command's budget ended the call; when time was up, what it was spent on last. */
export function endedFault({ signal, shown }: Pick<Call, 'signal' | 'shown'>, stage: Fault['stage']): Fault {
  const reason: unknown = signal.reason;
  const known = reason instanceof SecretctlError ? reason : new SecretctlError('TIMEOUT', 'the request was ended');
  const isTime = known.reason === 'TIMEOUT';
  const error = isTime
    ? new SecretctlError('TIMEOUT', `${known.message} ${waiting(shown, stage)}`, known.facts)
    : known;
  return { error, stage, mayRepeat: false, elsewhere: false };
}

function waiting(shown: string, stage: Fault['stage']): string {
  if (stage === 'connect') return `while connecting for ${shown}`;
  return stage === 'sent' ? `while waiting for the answer to ${shown}` : `while reading the answer to ${shown}`;
}

function faultOf(error: Error, call: Call, line: Line, progress: Progress): Fault {
  if (error instanceof ConnectError) return error.fault;
  return (
    lateTlsFault(line.firstError() ?? error, line.peer) ??
    protocolFault(error, call, line, progress) ??
    lossFault(error, call, progress)
  );
}

/** A request or an answer that is not HTTP/1.1; undefined when the error is another one. */
function protocolFault(error: Error, { shown }: Call, { limits }: Line, { answer }: Progress): Fault | undefined {
  const code = systemCode(error) ?? '';
  if (code === 'UND_ERR_INVALID_ARG') return finalFault('INTERNAL', `${shown} cannot be put into HTTP`);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    const message = `the headers of the answer to ${shown} are larger than ${limits.headerBytes} bytes`;
    return finalFault('HEADERS_TOO_BIG', message);
  }
  // The parser's errors carry no code.
  const isOutOfStep = error.name === 'HTTPParserError' || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  if (!isOutOfStep || (answer !== undefined && isCut(error))) return undefined;
  return finalFault('FRAMING', `the answer to ${shown} breaks the rules of HTTP/1.1`);
}

/** Whether the parser only met the end of the connection too early. Its words are compared, not shown. */
function isCut(error: Error): boolean {
  return error.name !== 'HTTPParserError' || error.message.includes('Invalid EOF state');
}

function lossFault(error: Error, { shown }: Call, { stage }: Progress): Fault {
  const repeat = { stage, mayRepeat: true, elsewhere: false };
  if (stage === 'answer') {
    return { ...finalFault('TRUNCATED', `the answer to ${shown} broke off before its end`, { hint: CUT }), ...repeat };
  }
  const what = stage === 'connect' ? 'before the request was sent' : 'before an answer came';
  const message = `the connection for ${shown} was lost ${what} (${visible(systemCode(error) ?? 'no code')})`;
  return { ...finalFault('CONNECTION_LOST', message, { hint: CUT }), ...repeat };
}

const CUT =
  'this may pass: run the job again; if it does not, look for a proxy or load balancer on the way that cuts connections';
