import type { Runtime } from '../../src/lib/runtime.ts';

/**
 * How CIs that can mask at run time read a job's stream, by the rules that ci-platforms-and-formats.md has for them
 * (sections 4 and 4.1).
 */
export interface MaskReader {
  /** The job's variables, from `test/fixtures/ci/`. */
  readonly fixture: string;
  /** The masks that one line of the log registers; undefined when the line is no command. */
  read(line: string): readonly string[] | undefined;
}

/** Where a line ends for .NET's readers, and for the others. */
const ENDS = { dotnet: /\r\n|\r|\n/, unix: /\n/ } as const;

/** Every CI that reads masks from the stream of a step. */
export const MASK_READERS: Readonly<Record<string, MaskReader>> = {
  'GitHub Actions': {
    fixture: 'github',
    read: (line) => after(line.trimStart(), '::add-mask::', (data) => linesToo(unescaped(data))),
  },
  'Forgejo Actions': { fixture: 'forgejo', read: (line) => after(line, '::add-mask::', (data) => [data]) },
  'Gitea Actions': { fixture: 'gitea', read: (line) => after(line, '::add-mask::', (data) => [data]) },
  act: { fixture: 'act', read: (line) => after(line, '::add-mask::', (data) => [unescaped(data)]) },
  'Azure Pipelines': {
    fixture: 'azure',
    read(line) {
      const at = line.indexOf('##vso[task.setsecret]');
      if (at === -1) return undefined;
      const data = line.slice(at + '##vso[task.setsecret]'.length);
      const text = data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%AZP25', '%');
      if (/[\r\n]/.test(text)) throw new Error('multi-line secrets are not supported');
      return [text];
    },
  },
  // Its reader is not documented: right is what both ways to read it take.
  'GitLab, whose reader undoes escapes': {
    fixture: 'gitlab',
    read: (line) => after(line, '::add-mask::', (data) => [unescaped(data)]),
  },
  'GitLab, whose reader does not': {
    fixture: 'gitlab',
    read: (line) => after(line, '::add-mask::', (data) => [data]),
  },
  Spacelift: {
    fixture: 'spacelift',
    read: (line) => after(line, '::add-mask ', (data) => data.split(/\s+/).filter((word) => word !== '')),
  },
};

/** What is left of a stream after the CI has taken the commands out, and the masks in the order of their arrival. */
export function maskedBy({ read, fixture }: MaskReader, stream: string): { masks: string[]; log: string } {
  const masks: string[] = [];
  const shown: string[] = [];
  for (const line of stream.split(fixture === 'github' || fixture === 'azure' ? ENDS.dotnet : ENDS.unix)) {
    const found = read(line);
    if (found !== undefined) masks.push(...found);
    else shown.push(masks.toSorted((a, b) => b.length - a.length).reduce((text, mask) => hidden(text, mask), line));
  }
  return { masks, log: shown.join('\n') };
}

function hidden(text: string, mask: string): string {
  return mask === '' ? text : text.replaceAll(mask, '***');
}

function after(line: string, command: string, read: (data: string) => string[]): string[] | undefined {
  return line.startsWith(command) ? read(line.slice(command.length)) : undefined;
}

/** GitHub's: the whole, and each line without the white space around it. */
function linesToo(text: string): string[] {
  const lines = text.split(/[\r\n]+/).map((line) => line.trim());
  return [...new Set([text, ...lines])].filter((one) => one !== '');
}

function unescaped(data: string): string {
  return data.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

/** A world with GitLab's runner above the job, as the system shows it. */
export function withProxy(real: Runtime): Pick<Runtime, 'fs' | 'host'> {
  const files: Readonly<Record<string, string>> = {
    '/proc/71/cmdline': 'sh\0-c\0proxy-exec\0',
    '/proc/71/stat': '71 (a (b) c) S 42 71 71 0 -1',
    '/proc/42/cmdline': '/builds/x.tmp/gitlab-runner-helper\0proxy-exec\0sh\0',
    '/proc/42/stat': '42 (gitlab-runner-h) S 1 42',
  };
  const read = (file: string, encoding: string): unknown =>
    files[file] ?? Reflect.apply(real.fs.readFileSync, undefined, [file, encoding]);
  return { fs: { ...real.fs, readFileSync: read as Runtime['fs']['readFileSync'] }, host: { ...real.host, ppid: 71 } };
}
