import path from 'node:path';
import type { NamingSettings, OutputSettings, SecretRequest, Settings } from '../config/types.ts';
import { formatFor, loadTemplates } from '../formats/index.ts';
import type { Circumstances, Renderer } from '../formats/types.ts';
import { SecretctlError } from '../lib/errors.ts';
import type { Invocation } from '../lib/invocation.ts';
import type { Secret } from '../lib/secrets.ts';
import { Sensitive } from '../lib/sensitive.ts';
import { quoted, visible } from '../lib/text.ts';
import { checkForeignNames, checkNames, type NamedRequest } from '../output/index.ts';
import type { HiddenValue } from '../output/types.ts';
import { type Target, targetOf } from './target.ts';
import { readTemplateFile, refuseTemplateAsTarget } from './template-file.ts';

/** What is written and where, settled before anything is fetched. */
export interface OutputPlan {
  /** What has to be fetched for it. */
  readonly requests: readonly SecretRequest[];
  /** The directory of `--files`, as the user wrote it. */
  readonly files: string | undefined;
  /** The one text beside or instead of files. */
  readonly text: TextOutput | undefined;
  /** Judges the names that only the answers could tell. */
  checkForeign(secrets: readonly Secret[]): void;
}

/** All secrets, or the paths of their files, as one text. */
export interface TextOutput {
  /** For people: `dotenv`, `the template app.tmpl`. */
  readonly what: string;
  readonly target: Target;
  /** No value is in it, only paths. */
  readonly hasPathsOnly: boolean;
  /** It sets variables of the shell that reads it, or of later steps. */
  readonly isExport: boolean;
  render(secrets: readonly Secret[], circumstances: Circumstances): Buffer;
  /** The values as they stand in it where that is another text than the value, each under the name of its secret. */
  spelled(secrets: readonly Secret[]): readonly HiddenValue[];
}

/**
 * Settles the outputs of `fetch`. Throws what is wrong with names (NAME_FORBIDDEN, NAME_CLASH), with a template
 * (TEMPLATE_FILE, TEMPLATE_INVALID) or with the target (USAGE, PLAINTEXT_ARTIFACT), before anything is sent.
 */
export async function planOutputs(settings: Settings, invocation: Invocation): Promise<OutputPlan> {
  const { output, secrets } = settings;
  const { files, template, format } = output;
  if (files !== undefined) refuseSameFile(secrets.map(fileOfRequest), invocation);
  const plan =
    template !== undefined
      ? await templatePlan(template, settings, invocation)
      : format !== undefined
        ? await formatPlan(format, settings, invocation)
        : { requests: secrets, text: undefined, rules: { allowEnvNames: [] } };
  refuseInside(files, plan.text?.target.file, invocation);
  return {
    requests: plan.requests,
    files,
    text: plan.text,
    checkForeign(fetched) {
      const isOfPaths = plan.text?.hasPathsOnly === true;
      const named = isOfPaths ? fetched.map((one) => ({ ...one, name: one.name + output.pathSuffix })) : fetched;
      checkForeignNames(named, plan.rules, invocation);
      if (files !== undefined)
        refuseSameFile(
          fetched.map((one) => [fileNameOf(one), one.reference]),
          invocation,
        );
    },
  };
}

/** The name of a secret's file in the directory of `--files`. */
export function fileNameOf({ name, fileName = name }: Pick<Secret, 'name' | 'fileName'>): string {
  return fileName;
}

type Plan = Pick<OutputPlan, 'requests' | 'text'> & { readonly rules: Parameters<typeof checkNames>[1] };

async function formatPlan(name: string, { output, secrets }: Settings, invocation: Invocation): Promise<Plan> {
  const { files, pathSuffix } = output;
  const format = formatFor(name, secrets.length);
  const renderer = await format.load();
  const { render } = renderer;
  const rules = { ...output, ...format };
  if (files === undefined) {
    checkNames(secrets, rules, invocation);
    const target = targetOf(format, output, invocation.runtime.env);
    return {
      requests: secrets,
      rules,
      text: {
        what: name,
        target,
        hasPathsOnly: false,
        isExport: format.isExport === true,
        render,
        spelled: (all) => spelledBy(renderer, all),
      },
    };
  }
  const named: NamedRequest[] = secrets.map(({ ref, isNamed }) => {
    return { ref: { ...ref, name: ref.name + pathSuffix }, isNamed };
  });
  checkNames(named, rules, invocation);
  // Paths may be read by everybody.
  const target = targetOf(format, { ...output, allowPlaintextArtifact: true }, invocation.runtime.env);
  const text: TextOutput = {
    what: `${name} with the paths of the files`,
    target: { ...target, isForLog: target.file === undefined },
    hasPathsOnly: true,
    isExport: false,
    spelled: () => [],
    render: (all, circumstances) => render(pathsOf(all, files, output, invocation), circumstances),
  };
  return { requests: secrets, rules, text };
}

async function templatePlan(file: string, { output, secrets }: Settings, invocation: Invocation): Promise<Plan> {
  const { files, pathSuffix } = output;
  const { parseTemplate } = await loadTemplates();
  const names = secrets.filter(({ ref }) => ref.every !== true).map(({ ref }) => ref.name);
  const paths = files === undefined ? [] : names.map((name) => name + pathSuffix);
  refuseTwice(names, paths);
  const openEnds = secrets.filter(({ ref }) => ref.every === true);
  const source = readTemplateFile(file, invocation.runtime);
  refuseTemplateAsTarget(file, output.file, invocation.runtime);
  const template = parseTemplate(source, file, {
    all: [...names, ...paths],
    mayTurnUp: (name) => openEnds.some((request) => name.startsWith(startOf(request, output.naming))),
  });
  if (template.names.size === 0) invocation.journal.warn(`the template ${quoted(file)} has no place {{NAME}}`);
  const isUsed = (request: SecretRequest): boolean =>
    request.ref.every === true
      ? [...template.names].some((name) => name.startsWith(startOf(request, output.naming)))
      : template.names.has(request.ref.name);
  const text: TextOutput = {
    what: `the template ${visible(file)}`,
    target: { file: output.file, append: false, isForLog: false, isForLaterSteps: false },
    hasPathsOnly: false,
    isExport: false,
    spelled: (all) => template.spelled(all),
    render(all) {
      if (files === undefined) return template.render(all);
      const withPaths = pathsOf(all, files, output, invocation);
      refuseTwice(
        all.map(({ name }) => name),
        withPaths.map(({ name }) => name),
      );
      return template.render([...all, ...withPaths]);
    },
  };
  return {
    requests: files === undefined ? secrets.filter(isUsed) : secrets,
    rules: { allowEnvNames: output.allowEnvNames },
    text,
  };
}

/** Each as it stands, and with its line breaks written out: some shells' `echo`, and what reads the output, do that. */
function spelledBy({ spelled }: Renderer, secrets: readonly Secret[]): HiddenValue[] {
  if (spelled === undefined) return [];
  return secrets.flatMap((secret) => {
    const { name } = secret;
    const bytes = spelled(secret);
    const whole = { name, value: new Sensitive(bytes) };
    const lineBreak = spelled({ ...secret, value: new Sensitive('\n') }).toString('latin1');
    if (lineBreak === '\n' || !secret.value.reveal().includes('\n')) return [whole];
    const broken = bytes.toString('latin1').replaceAll(lineBreak, '\n');
    return [whole, { name, value: new Sensitive(Buffer.from(broken, 'latin1')) }];
  });
}

/** What the names of the members of a `#*` begin with: see `membersOf`. */
function startOf({ ref, isNamed }: SecretRequest, { prefix }: NamingSettings): string {
  return isNamed ? `${ref.name}_` : prefix;
}

/** The paths of the files as secrets, which is what formats and templates take. */
function pathsOf(
  secrets: readonly Secret[],
  files: string,
  { pathSuffix }: OutputSettings,
  { runtime }: Invocation,
): readonly Secret[] {
  return secrets.map((secret) => ({
    name: secret.name + pathSuffix,
    value: new Sensitive(path.resolve(runtime.host.cwd, files, fileNameOf(secret))),
    reference: secret.reference,
  }));
}

function refuseTwice(names: readonly string[], paths: readonly string[]): void {
  const both = paths.find((name) => names.includes(name));
  if (both === undefined) return;
  throw new SecretctlError('NAME_CLASH', `${visible(both)} would be a secret and the path of another's file`, {
    hint: 'give one of them another name, or end the paths otherwise: --path-suffix _PATH',
  });
}

type NamedFile = readonly [file: string, reference: string];

function fileOfRequest({ ref, fileName = ref.name }: SecretRequest): NamedFile {
  return [fileName, ref.text];
}

/** Throws NAME_CLASH for two files of one name; on some systems letter case does not tell names apart. */
function refuseSameFile(files: readonly NamedFile[], { runtime }: Invocation): void {
  const ignoresCase = ['win32', 'darwin'].includes(runtime.host.platform);
  const seen = new Map<string, NamedFile>();
  for (const [file, reference] of files) {
    const key = ignoresCase ? file.toLowerCase() : file;
    const other = seen.get(key);
    if (other !== undefined) {
      const both = `${quoted(other[1])} and ${quoted(reference)}`;
      throw new SecretctlError('NAME_CLASH', `${both} would both be the file ${quoted(file)}`, {
        hint: 'give one of them another name: NAME=REF, or "file-name" in the configuration',
      });
    }
    seen.set(key, [file, reference]);
  }
}

/** The directory is replaced as a whole: a file that is written beside it cannot be in it. */
function refuseInside(files: string | undefined, file: string | undefined, { runtime }: Invocation): void {
  if (files === undefined || file === undefined) return;
  const relative = path.relative(path.resolve(runtime.host.cwd, files), path.resolve(runtime.host.cwd, file));
  if (path.isAbsolute(relative) || relative.split(path.sep)[0] === '..') return;
  throw new SecretctlError('USAGE', `${quoted(file)} is in ${quoted(files)}, which holds the files of secrets only`, {
    hint: 'name a file outside of that directory: -o FILE',
  });
}
