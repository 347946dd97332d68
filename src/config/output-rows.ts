import { FORMATS } from '../formats/index.ts';
import { filePath, listOf, nameSuffix, oneOf, onOff, variableName, wholeNumber } from '../lib/parsers.ts';
import { FOR_ONE_RUN, OVERRULES, rows } from './general-row.ts';

/** Where values go, and in which form. */
export const OUTPUT_ROWS = rows({
  format: {
    area: 'output',
    parser: oneOf(
      FORMATS.map(({ name }) => name),
      new Map(FORMATS.flatMap(({ name, aliases = [] }) => aliases.map((alias) => [alias, name] as const))),
    ),
    value: 'NAME',
    default: 'dotenv',
    help: 'for whom, such as json, sh or github-env',
  },
  output: {
    area: 'output',
    parser: filePath,
    value: 'FILE',
    short: 'o',
    help: 'write to a file, mode 0600, whole or not at all',
  },
  files: {
    area: 'output',
    parser: filePath,
    value: 'DIR',
    help: 'write each secret to a file of its own in this directory, which is made or replaced as a whole',
  },
  template: {
    area: 'output',
    parser: filePath,
    value: 'FILE',
    help: 'instead of a format, fill the places {{NAME}} of this file',
  },
  'path-suffix': {
    area: 'output',
    parser: nameSuffix,
    value: 'TEXT',
    default: '_FILE',
    help: 'with --files, a format writes paths, by names that end so',
  },
  encode: { area: 'output', parser: oneOf(['base64']), value: 'base64', help: 'encode each value' },
  prefix: {
    area: 'output',
    parser: variableName,
    value: 'TEXT',
    help: 'put this before each name, as in TF_VAR_',
  },
  'keep-case': {
    area: 'output',
    parser: onOff,
    default: false,
    help: 'a name that is made from a path keeps its letter case',
  },
  'require-nonempty': { area: 'output', parser: onOff, default: false, help: 'an empty value is an error' },
  strict: { area: 'output', parser: onOff, default: false, help: 'refuse a file that git does not ignore' },
  discard: {
    area: 'output',
    parser: onOff,
    default: false,
    file: FOR_ONE_RUN,
    help: 'write even if standard output is /dev/null',
  },
  'print-plaintext-to-log': {
    area: 'output',
    parser: onOff,
    default: false,
    file: OVERRULES,
    help: "print values although standard output is the job's log",
  },
  'shell-trace-is-off': {
    area: 'output',
    parser: onOff,
    default: false,
    file: OVERRULES,
    help: 'the calling shell has switched its tracing off (set +x)',
  },
  'allow-plaintext-artifact': {
    area: 'output',
    parser: onOff,
    default: false,
    file: OVERRULES,
    help: 'write a report that whoever may see the job can download (gitlab-dotenv)',
  },
  'report-bytes': {
    area: 'output',
    parser: wholeNumber(0, 1_048_576),
    value: 'N',
    default: 5120,
    help: 'size that a GitLab dotenv report must stay below; 0: any',
  },
  'report-variables': {
    area: 'output',
    parser: wholeNumber(0, 100_000),
    value: 'N',
    default: 20,
    help: 'most variables of a GitLab dotenv report; 0: any number',
  },
  'allow-env-name': {
    area: 'output',
    parser: listOf(variableName),
    value: 'NAME',
    default: [],
    file: OVERRULES,
    help: 'let a secret have this name although it changes how programs run; may be repeated',
  },
});
