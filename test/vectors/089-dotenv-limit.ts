import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { vector } from '../support/vectors.ts';

const ALLOWED = ['fetch', '--format', 'gitlab-dotenv', '--allow-plaintext-artifact', '-o', 'report.env'];
const many = Array.from({ length: 21 }, (_, index) => `A${index}=prod/db/password`);

export default vector({
  row: 89,
  title: 'a GitLab dotenv report beyond its limits',
  cases: [
    {
      name: 'of 5,120 bytes',
      secrets: new Map([['x', Buffer.from('x'.repeat(5117))]]),
      args: [...ALLOWED, 'A=x'],
      exit: 65,
      reason: 'DOTENV_LIMIT',
      says: [/5120/, /--report-bytes/],
    },
    {
      name: 'of one byte less',
      secrets: new Map([['x', Buffer.from('x'.repeat(5116))]]),
      args: [...ALLOWED, 'A=x'],
      exit: 0,
      after: (stage) => expect(readFileSync(path.join(stage.cwd, 'report.env'))).toHaveLength(5119),
    },
    {
      name: 'of 21 variables',
      args: [...ALLOWED, ...many],
      exit: 65,
      reason: 'DOTENV_LIMIT',
      says: [/\b20\b.*\b21\b/, /--report-variables/],
    },
    {
      name: 'of 21 variables, where the instance takes them',
      args: [...ALLOWED, '--report-variables', '50', ...many],
      exit: 0,
      after: (stage) =>
        expect(readFileSync(path.join(stage.cwd, 'report.env'), 'utf8').match(/^A\d+=\w+$/gm)).toHaveLength(21),
    },
    {
      name: 'not allowed',
      args: ['fetch', '--format', 'gitlab-dotenv', '-o', 'report.env', 'A=prod/db/password'],
      exit: 73,
      reason: 'PLAINTEXT_ARTIFACT',
      says: [/--allow-plaintext-artifact/],
      packets: 0,
    },
    {
      name: 'not allowed by a file that a merge request can change',
      files: { 'secretctl.yaml': 'format: gitlab-dotenv\nallow-plaintext-artifact: true\n' },
      args: ['fetch', '-o', 'report.env', 'A=prod/db/password'],
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/allow-plaintext-artifact/],
      packets: 0,
    },
  ],
});
