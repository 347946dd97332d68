import { SecretctlError } from '../lib/errors.ts';
import { variablesRenderer } from './dialect.ts';
import type { Renderer, ReportLimits } from './types.ts';

const CONSUMER = 'a GitLab dotenv report';

const lines = variablesRenderer({
  consumer: CONSUMER,
  instead: ['fetch it in the job that needs it'],
  obstacle(text) {
    if (text.includes('\n')) return 'holds a line break';
    if (/^[\t\v\f\r ]|[\t\v\f\r ]$/.test(text)) return 'begins or ends with white space';
    const found = /[$%]/.exec(text)?.[0];
    return found === undefined ? undefined : `holds "${found}", which GitLab would expand`;
  },
  write: (name, text) => `${name}=${text}\n`,
});

/**
 * `NAME=value` lines as GitLab's own reader takes them: no quotes, no escapes, no blank line; within the limits of
 * the instance, beyond which it would refuse the whole report.
 */
export const gitlabDotenv: Renderer = {
  render(secrets, circumstances) {
    const bytes = lines.render(secrets, circumstances);
    const { reportLimits: limits } = circumstances;
    refuseTooMany(secrets.length, limits);
    refuseTooBig(bytes.length, limits);
    return bytes;
  },
};

function refuseTooMany(count: number, { variables }: ReportLimits): void {
  if (variables === 0 || count <= variables) return;
  throw new SecretctlError('DOTENV_LIMIT', `${CONSUMER} takes at most ${variables} variables, and these are ${count}`, {
    hint: ['fetch them in the job that needs them', 'if the instance takes more: --report-variables N (0: any number)'],
  });
}

function refuseTooBig(size: number, { bytes }: ReportLimits): void {
  if (bytes === 0 || size < bytes) return;
  throw new SecretctlError('DOTENV_LIMIT', `${CONSUMER} must be smaller than ${bytes} bytes, and this is ${size}`, {
    hint: ['fetch them in the job that needs them', 'if the instance takes more: --report-bytes N (0: any size)'],
  });
}
