import { vector } from '../support/vectors.ts';

/** A configuration whose fourth line is the fault. */
const yaml = (line: string): string => `backends:\n  conjur:\n    type: conjur\n${line}\n`;

export default vector({
  row: 29,
  title: 'faults in the configuration',
  cases: [
    {
      name: 'unknown key',
      files: { 'secretctl.yaml': yaml('    acount: prod') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/secretctl\.yaml:4:5/, /acount/, /account/],
      packets: 0,
    },
    {
      name: 'wrong type',
      files: { 'secretctl.yaml': yaml('    account: [a]') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/secretctl\.yaml:4:/],
      packets: 0,
    },
    {
      name: 'tab',
      files: { 'secretctl.yaml': yaml('\taccount: prod') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/secretctl\.yaml:4:1/],
      packets: 0,
    },
    {
      name: 'indent',
      files: { 'secretctl.yaml': yaml('     account: prod') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/secretctl\.yaml:3:11/],
      packets: 0,
    },
    {
      name: 'duplicate key',
      files: { 'secretctl.yaml': yaml('    account: a\n    account: b') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/secretctl\.yaml:5:5/],
      packets: 0,
    },
    {
      name: 'all at once',
      files: { 'secretctl.yaml': yaml('    acount: prod\n    nonsense: 1\nwhat: ever') },
      exit: 78,
      reason: 'CONFIG_INVALID',
      says: [/:4:5/, /:5:5/, /:6:1/],
      packets: 0,
    },
  ],
});
