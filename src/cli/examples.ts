import type { Command } from 'commander';

/** What help shows first of a command, by its path: lines that work as they stand, given those secrets and programs. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  '': [
    'secretctl init',
    'secretctl dev exec -- secretctl fetch --format json',
    'secretctl run DB_PASSWORD=prod/db/password -- ./deploy.sh',
  ],
  fetch: [
    'secretctl fetch -o .env DB_PASSWORD=prod/db/password DB_USER=prod/db#username',
    'secretctl fetch --format raw -o key.pem prod/tls/key',
    'secretctl fetch --format json',
  ],
  run: [
    'secretctl run DB_PASSWORD=prod/db/password -- ./deploy.sh --now',
    'secretctl run --pristine --keep-env LANG -- ./deploy.sh',
  ],
  mask: ['./deploy.sh 2>&1 | secretctl mask', './deploy.sh 2>&1 | secretctl mask DB_PASSWORD=prod/db/password'],
  policy: ['secretctl policy DB_PASSWORD=prod/db/password', 'secretctl policy --json > policy.json'],
  token: ['secretctl token', 'secretctl token --verify'],
  init: [
    'secretctl init --backend vault --url https://vault.example.com --ci gitlab --dry-run',
    'secretctl init DB_PASSWORD=prod/db/password',
  ],
  'dev exec': [
    'secretctl dev exec -- secretctl fetch --format json',
    'secretctl dev exec --ci jenkins --backend vault -- secretctl run -- env',
  ],
  'dev serve': ['secretctl dev serve --backend vault --state rehearsal'],
  'dev token': ['secretctl dev token --state rehearsal --claim ref=feature'],
};

/** Puts them behind the first sentence of a command's help; a list of commands keeps to that sentence. */
export function addExamples(command: Command): void {
  const examples = EXAMPLES[pathOf(command)];
  if (examples === undefined) return;
  const sentence = command.description();
  command.summary(sentence).description([sentence, '', ...examples.map((line) => `  ${line}`)].join('\n'));
}

function pathOf(command: Command): string {
  return command.parent === null ? '' : [pathOf(command.parent), command.name()].filter((one) => one !== '').join(' ');
}
