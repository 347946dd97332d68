import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';

/** The environment of a job that has no ID token yet, from `test/fixtures/ci/`. */
export interface CiFixture {
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The key of the platform that it must be taken for; undefined for none. */
  readonly platform: string | undefined;
}

const DIRECTORY = path.join(import.meta.dirname, '../fixtures/ci');

/** One for each platform, for each disguise, and for each place that is no CI. */
export const CI_FIXTURES: readonly CiFixture[] = readdirSync(DIRECTORY).map((file) => {
  const text = readFileSync(path.join(DIRECTORY, file), 'utf8');
  const name = path.basename(file, '.env');
  const said = /^# platform=(?<key>.*)$/m.exec(text)?.groups?.['key'] ?? name;
  return { name, env: parseEnv(text), platform: said === '' ? undefined : said };
});
