import { durationMs, listOf, oneOf, onOff, variableName } from '../lib/parsers.ts';
import { FOR_ONE_RUN, OVERRULES, rows } from './general-row.ts';

/** What `run` does for and with its child. */
export const CHILD_ROWS = rows({
  mask: {
    area: 'child',
    parser: oneOf(['auto', 'always', 'off']),
    value: 'auto|always|off',
    default: 'auto',
    file: OVERRULES,
    help: "redact the command's output: auto leaves a terminal alone, outside of CI",
  },
  'mask-names': {
    area: 'child',
    parser: onOff,
    default: false,
    help: 'say which secret was redacted: [REDACTED:NAME]',
  },
  'mask-pairs': {
    area: 'child',
    parser: onOff,
    default: false,
    help: 'redact both parts of a user:password value by themselves, too',
  },
  'keep-env': {
    area: 'child',
    parser: listOf(variableName),
    value: 'NAME',
    default: [],
    file: OVERRULES,
    help: 'let the command see this variable although it is taken away; may be repeated',
  },
  preserve: {
    area: 'child',
    parser: listOf(variableName),
    value: 'NAME',
    default: [],
    help: 'where this variable is set already, it wins over the secret; may be repeated',
  },
  pristine: {
    area: 'child',
    parser: onOff,
    default: false,
    help: 'of what is set already, hand on PATH, HOME and the locale only',
  },
  'resolve-env': {
    area: 'child',
    parser: onOff,
    default: false,
    file: FOR_ONE_RUN,
    help: 'fetch for each variable that holds secretctl: and a reference the secret that it names',
  },
  'kill-after': {
    area: 'child',
    parser: durationMs,
    value: 'DURATION',
    help: 'kill a command that goes on for so long after a TERM, INT, HUP or QUIT',
  },
  linger: {
    area: 'child',
    parser: durationMs,
    value: 'DURATION',
    default: 1000,
    help: 'wait so long for what the command left in the background and still writes',
  },
  exec: {
    area: 'child',
    parser: onOff,
    default: false,
    file: FOR_ONE_RUN,
    help: 'become the command instead of starting it: no redaction, no files, nothing revoked',
  },
});
