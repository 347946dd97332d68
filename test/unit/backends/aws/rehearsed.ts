import { aws } from '../../../../src/backends/aws/index.ts';
import type { Outcome } from '../../../../src/backends/types.ts';
import { type BackendSetup, type RehearsedBackend, rehearseBackend } from '../../../support/rehearsed-backend.ts';

const SECRETS = {
  'app/db': '{"user":"shop","port":5432,"1":"one"}',
  'app/key': ['first', 'second', 'third'],
  'app/web/key': 'web',
  plain: 'plain value',
};

/** An account with a few secrets, all of which are parameters as well, and a backend for it. */
export function rehearse(setup: BackendSetup = {}): Promise<RehearsedBackend> {
  return rehearseBackend(aws, { secrets: SECRETS, ...setup });
}

/** An outcome in one line: its value with what is left to select, or its refusal. */
export function told(outcome: Outcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if ('refusal' in outcome) return `${outcome.refusal}: ${outcome.reason}`;
  return [outcome.value.reveal().toString(), ...outcome.rest].join(' > ');
}

/** The operations of all requests so far, in order: they differ in a header alone. */
export function operations({ lines }: Pick<RehearsedBackend, 'lines'>): string[] {
  return lines.flatMap((line) => {
    const label = /^secretctl: debug: request .* path=\/ ?(?<operation>\w*) /.exec(line)?.groups?.['operation'];
    return label === undefined ? [] : [label === '' ? 'AssumeRoleWithWebIdentity' : label];
  });
}

/** What the answer of the server is replaced with: a failure in its own form. */
export function failing(code: string, message = 'no'): string {
  return `400;type=application/x-amz-json-1.1;body=${JSON.stringify({ __type: code, message })}`;
}

/** The same for STS. */
export function failingSts(code: string, message = 'no', status = 400): string {
  return `${status};type=text/xml;body=<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
}
