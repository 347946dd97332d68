import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = path.join(import.meta.dirname, '../..');

/** What a file may import: nothing speaks. */
const ALLOWED: readonly (readonly [file: string, specifiers: string])[] = [
  ['src/start.ts', './main.ts ./lib/runtime.ts'],
  ['src/main.ts', './cli/program.ts ./app/fetch.ts ./config/load.ts ./lib/errors.ts'],
  [
    'src/cli/fetch.ts',
    '../app/fetch.ts ../config/load.ts ../backends/index.ts ../lib/errors.ts ./dev.ts commander chalk',
  ],
  ['src/cli/dev.ts', '../dev/index.ts ../dev/types.ts'],
  ['src/app/fetch.ts', '../config/load.ts ../backends/index.ts ../sources/types.ts ../output/index.ts ../lib/http.ts'],
  ['src/config/load.ts', '../formats/index.ts ../backends/types.ts ../lib/text.ts yaml node:path'],
  ['src/backends/vault/vault.ts', '../types.ts ../token-exchange.ts ./read.ts ../../lib/http.ts node:path'],
  ['src/dev/vault/server.ts', '../types.ts ../frame/answer.ts ../../lib/json.ts node:https node:tls'],
  ['src/dev/frame/certificates.ts', '@peculiar/x509'],
  ['src/lib/http-pool.ts', './errors.ts undici node:tls'],
  ['src/lib/jwt.ts', './json.ts jose node:util'],
  ['src/lib/runtime.ts', 'node:fs node:child_process node:timers/promises'],
];

/** What it may not: upwards, sideways, into another folder's files, by the back door, another one's package, the world. */
const FORBIDDEN: readonly (readonly [file: string, specifiers: string])[] = [
  ['src/main.ts', './dev/index.ts ./backends/vault/vault.ts undici node:fs'],
  [
    'src/cli/fetch.ts',
    '../main.ts ../start.ts ../dev/index.ts ../dev/types.ts ../formats/quote.ts yaml undici node:fs',
  ],
  ['src/cli/dev.ts', '../main.ts ../dev/frame/rehearsal.ts'],
  ['src/app/fetch.ts', '../main.ts ../cli/fetch.ts ../dev/index.ts ../dev/types.ts ../backends/vault.ts'],
  [
    'src/app/other.ts',
    '../backends/vault/index.ts ../sources/gitlab.ts ../output/sink.ts undici jose commander chalk yaml @peculiar/x509',
  ],
  ['src/app/world.ts', 'node:fs fs node:fs/promises node:child_process node:timers/promises node:os node:https'],
  [
    'src/config/load.ts',
    '../app/fetch.ts ../cli/fetch.ts ../dev/index.ts ../main.ts ../backends/vault/vault.ts commander',
  ],
  ['src/sources/gitlab.ts', '../backends/types.ts ../dev/types.ts ../config/types.ts ../app/fetch.ts node:fs'],
  ['src/backends/vault.ts', '../output/mask.ts ../config/types.ts ../app/fetch.ts ../cli/fetch.ts node:net node:dns'],
  [
    'src/backends/vault/vault.ts',
    '../../sources/index.ts ../../formats/types.ts ../../dev/index.ts ../../app/fetch.ts',
  ],
  ['src/formats/json.ts', '../output/sink.ts ../sources/types.ts ../app/fetch.ts ../config/types.ts'],
  ['src/output/sink.ts', '../formats/index.ts ../config/types.ts ../backends/types.ts node:fs'],
  ['src/dev/frame/answer.ts', '../../backends/index.ts ../../config/load.ts ../../app/fetch.ts @peculiar/x509 jose'],
  ['src/dev/vault/server.ts', 'node:fs node:child_process node:process node:timers/promises ../../output/sink.ts'],
  ['src/lib/text.ts', '../config/load.ts ../app/fetch.ts ../dev/index.ts ../sources/types.ts ../main.ts undici jose'],
  ['src/lib/around.ts', './../config/load.ts ../../src/app/fetch.ts ../lib/../app/fetch.ts /src/app/fetch.ts #main'],
  [
    'src/lib/outside.ts',
    '../../test/support/play.ts ../../scripts/build.ts undici/lib/core/util.js node:worker_threads',
  ],
  ['src/lib/http-pool.ts', 'jose node:fs ../app/fetch.ts'],
  ['src/lib/runtime.ts', './../app/fetch.ts ../app/fetch.ts undici'],
];

/** All the forms an import can have. */
const FORMS: readonly ((from: string, name: string) => string)[] = [
  (from, name) => `export { a as ${name} } from '${from}';`,
  (from, name) => `export const ${name} = () => import('${from}');`,
  (from, name) => `export type { A as ${name} } from '${from}';`,
  (from, name) => `export * as ${name} from '${from}';`,
  (from, name) => `import type { A as ${name} } from '${from}';`,
  (from, name) => `import { a as ${name} } from '${from}';`,
];

/** Other rules: a file, its text, and the one that must speak. */
const RULES: readonly (readonly [rule: string, text: string])[] = [
  ...['process.env', 'fetch', 'setTimeout', 'globalThis.fetch', 'performance.now()', 'crypto.randomUUID()'].map(
    (text) => ['no-restricted-globals', `export const a = ${text};`] as const,
  ),
  ...['Date.now()', 'Math.random()', 'AbortSignal.timeout(1)'].map(
    (text) => ['no-restricted-properties', `export const a = ${text};`] as const,
  ),
  ['no-restricted-imports', "import { randomBytes } from 'node:crypto';\nexport const a = randomBytes(1);"],
  ['max-lines', `${'// line\n'.repeat(300)}export const a = 1;`],
  ['max-lines-per-function', `export function a(): number[] {\n  return [\n${'    1,\n'.repeat(60)}  ];\n}`],
  ['complexity', `export const a = (b: number): number => (b${' > 1 ? b : b'.repeat(13)});`],
  ['max-params', 'export const a = (b: 1, c: 1, d: 1, e: 1, f: 1): number[] => [b, c, d, e, f];'],
  ['no-floating-promises', 'export function a(b: Promise<void>): void {\n  b;\n}'],
  ['no-misused-promises', 'export function a(b: Promise<boolean>): number {\n  return b ? 1 : 2;\n}'],
  ['no-explicit-any', 'export const a = (b: any): unknown => b;'],
  ['no-unsafe-return', 'export const a = (b: string): number => JSON.parse(b);'],
  ['no-unsafe-type-assertion', 'export const a = (b: unknown): number => b as number;'],
  ['no-non-null-assertion', 'export const a = (b?: string): string => b!;'],
  ['no-console', "export const a = (): void => console.log('a');"],
  ['no-default-export', 'export default 1;'],
  ['no-warning-comments', '// TODO later\nexport const a = 1;'],
  ['consistent-type-imports', "export const a = (): typeof import('node:path') | undefined => undefined;"],
  ['no-cycle', "import { self } from './circle-a.ts';\nexport const a = () => self;"],
  ['filename-case', 'export const a = 1;'],
];

/** Every import of the two tables in every form, one a line; files that stand in both are one file. */
function importLines(): Map<string, { text: string; isForbidden: boolean }[]> {
  const files = new Map<string, { text: string; isForbidden: boolean }[]>();
  for (const [table, isForbidden] of [
    [ALLOWED, false],
    [FORBIDDEN, true],
  ] as const) {
    for (const [file, specifiers] of table) {
      const lines = files.get(file) ?? [];
      files.set(file, lines);
      for (const from of specifiers.split(' ')) {
        for (const form of FORMS) lines.push({ text: form(from, `a${lines.length}`), isForbidden });
      }
    }
  }
  return files;
}

const IMPORT_LINES = importLines();
const ruleFile = (rule: string, index: number) =>
  `src/app/${rule === 'no-cycle' ? 'circle-a' : rule === 'filename-case' ? 'camelCase' : `rule-${index}`}.ts`;

let folder: string;
let findings: { file: string; rule: string; line: number }[];

/** One run over a tree laid out as the repository is, because the rules go by path. */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lint-'));
  for (const name of ['oxlint.config.ts', 'tsconfig.json', 'package.json'])
    cpSync(path.join(ROOT, name), path.join(folder, name));
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const [file, lines] of IMPORT_LINES) put(file, lines.map(({ text }) => text).join('\n'));
  for (const [index, [rule, text]] of RULES.entries()) put(ruleFile(rule, index), text);
  put('src/app/circle-b.ts', "export { a as self } from './circle-a.ts';");
  findings = lint();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function put(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
  writeFileSync(path.join(folder, file), `${text}\n`);
}

function lint(): typeof findings {
  const run = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/oxlint/bin/oxlint'), '-f', 'json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  const { diagnostics } = JSON.parse(run.stdout) as {
    diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
  };
  return diagnostics.map(({ code, filename, labels }) => ({
    file: filename,
    rule: code.replace(/^.*\((?<rule>.*)\)$/, '$<rule>'),
    line: labels[0]?.span.line ?? 0,
  }));
}

test.each([...IMPORT_LINES.keys()])('%s may import what it may, and nothing else, in any form', (file) => {
  const lines = IMPORT_LINES.get(file) ?? [];
  const spoken = new Set(
    findings
      .filter((finding) => finding.file === file && finding.rule === 'no-restricted-imports')
      .map(({ line }) => line),
  );
  const wrong = lines.filter(({ isForbidden }, index) => spoken.has(index + 1) !== isForbidden);
  expect(wrong).toEqual([]);
});

test.each(RULES.map(([rule, text], index) => ({ rule, text, index })))('$rule: $text', ({ rule, index }) => {
  const spoken = findings.filter(({ file }) => file === ruleFile(rule, index)).map((finding) => finding.rule);
  expect(spoken).toContain(rule);
});
