/**
 * How CIs read what jobs hand them, for those whose reader is no program that can be had: their rules, as
 * ci-platforms-and-formats.md has them (sections 4.1, 5 and 6.2).
 */

/** GitHub's runner on Linux: the file of `$GITHUB_ENV`. */
export function runnerEnvironment(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [equals, here] = [line.indexOf('='), line.indexOf('<<')];
    if (equals !== -1 && (here === -1 || equals < here)) {
      found.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    const end = lines.indexOf(line.slice(here + 2), at + 1);
    if (here < 1 || end === -1) throw new Error(`not of the form: ${line}`);
    found.set(line.slice(0, here), lines.slice(at + 1, end).join('\n'));
    at = end;
  }
  return found;
}

/** act, and the runners of Gitea and Forgejo, which read line by line as Go's scanner gives them. */
export function actEnvironment(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (lines.at(-1) === '') lines.pop();
  if (lines.some((line) => Buffer.byteLength(line) >= 65_535)) throw new Error('token too long');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [equals, here] = [line.indexOf('='), line.indexOf('<<')];
    if (equals !== -1 && (here === -1 || equals < here)) {
      found.set(line.slice(0, equals), line.slice(equals + 1));
      continue;
    }
    const end = lines.indexOf(line.slice(here + 2), at + 1);
    if (here === -1 || end === -1) throw new Error(`not of the form: ${line}`);
    let value = '';
    for (const content of lines.slice(at + 1, end)) value = value === '' ? content : `${value}\n${content}`;
    found.set(line.slice(0, here), value);
    at = end;
  }
  return found;
}

/** The Azure Pipelines agent: secret variables set by commands, each on a line of its own. */
export function azureVariables(text: string): Map<string, string> {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line has no end');
  return new Map(
    lines.map((line) => {
      const parts = /##vso\[task\.setvariable (?<properties>[^\]]*)\](?<data>.*)/s.exec(line)?.groups;
      const properties = new Map((parts?.['properties'] ?? '').split(';').map(pair));
      if (properties.get('issecret') !== 'true') throw new Error('not a secret');
      const data = (parts?.['data'] ?? '').replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%AZP25', '%');
      return [properties.get('variable') ?? '', data];
    }),
  );
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

const TEAMCITY: Readonly<Record<string, string>> = { n: '\n', r: '\r', x: '\u0085', l: '\u2028', p: '\u2029' };

/** TeamCity: `setParameter` messages, the prefix `env.` taken away. */
export function teamcityParameters(text: string): Map<string, string> {
  const message = /##teamcity\[setParameter name='env\.(\w+)' value='((?:[^'|[\]\r\n]|\|[^0]|\|0x[0-9A-F]{4})*)'\]\n/gy;
  const value = (escaped: string): string =>
    escaped.replace(/\|(?:0x([0-9A-F]{4})|(.))/g, (_all, code: string | undefined, one: string) =>
      code === undefined ? (TEAMCITY[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16)),
    );
  return new Map([...text.matchAll(message)].map(([, name = '', escaped = '']) => [name, value(escaped)]));
}

/** GitLab: a dotenv report; variables are expanded in the job that gets them. */
export function gitlabReport(text: string): Map<string, string> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=');
      if (at === -1) throw new Error('Invalid Format');
      const [key, value] = [line.slice(0, at), line.slice(at + 1)].map((part) =>
        part.replace(/^[\t\n\v\f\r \0]+|[\t\n\v\f\r \0]+$/g, ''),
      );
      if (key === undefined || !/^[A-Za-z0-9_]{1,255}$/.test(key)) throw new Error('Invalid key');
      return [key, (value ?? '').replace(/\$\$|\$\{?\w+\}?|%\w+%/g, (found) => (found === '$$' ? '$' : ''))];
    }),
  );
}
