import { variablesRenderer } from './dialect.ts';
import type { Circumstances } from './types.ts';

/** Lines of as many bytes break the read of the runners that imitate GitHub's. */
const WEAK_LINE_LIMIT = 65_536;

/**
 * Here-documents for the file of `$GITHUB_ENV`, each ended by a word that nobody can guess. GitHub's runner refuses
 * NODE_OPTIONS and keeps its own variables; the runners of Forgejo, Gitea and act read less (section 5 there).
 */
export const githubEnv = variablesRenderer({
  consumer: 'the runner',
  instead: ['write a file with -o FILE in the step that needs it: --format sh, json or raw'],
  owns: /^(?:NODE_OPTIONS|GITHUB_.*|RUNNER_.*)$/i,
  obstacle(text, { env }) {
    if (['FORGEJO_ACTIONS', 'GITEA_ACTIONS', 'ACT'].some((name) => env[name] === 'true')) return weakObstacle(text);
    return env['RUNNER_OS'] === 'Windows' && text.includes('\r') ? 'holds a carriage return' : undefined;
  },
  write(name, text, circumstances) {
    const end = delimiter(text, circumstances);
    return `${name}<<${end}\n${text}\n${end}\n`;
  },
});

function weakObstacle(text: string): string | undefined {
  if (text.startsWith('\n')) return 'begins with a line break';
  if (text.includes('\r')) return 'holds a carriage return';
  const isLong = text.split('\n').some((line) => Buffer.byteLength(line) >= WEAK_LINE_LIMIT - 1);
  return isLong ? `holds a line of ${WEAK_LINE_LIMIT} bytes or more` : undefined;
}

function delimiter(text: string, { random }: Circumstances): string {
  for (;;) {
    const word = `secretctl_${random(16).toString('hex')}`;
    if (!text.includes(word)) return word;
  }
}
