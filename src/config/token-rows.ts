import { commandWords, filePath, identifier, oneOf, onOff, text, variableName } from '../lib/parsers.ts';
import { SOURCE_NAMES } from '../sources/index.ts';
import { rows } from './general-row.ts';

/** Where a backend's ID token is, and what it must say: the block `token:` of the file. */
export const TOKEN_ROWS = rows({
  'token-env': {
    area: 'backend',
    parser: variableName,
    value: 'NAME',
    file: 'token.env',
    help: 'name of the variable that holds the ID token',
  },
  'token-file': {
    area: 'backend',
    parser: filePath,
    value: 'FILE',
    file: 'token.file',
    help: 'file that holds the ID token',
  },
  'token-command': {
    area: 'backend',
    parser: commandWords,
    value: 'COMMAND',
    file: 'token.command',
    help: 'program that prints the ID token, and its arguments; no shell reads them',
  },
  'token-source': {
    area: 'backend',
    parser: oneOf(SOURCE_NAMES),
    value: 'NAME',
    file: 'token.source',
    help: 'the CI or machine that the ID token comes from, whatever this one looks like',
  },
  'token-stdin': { area: 'backend', parser: onOff, file: 'token.stdin', help: 'read the ID token from standard input' },
  'token-secret': {
    area: 'backend',
    parser: text,
    value: 'REF',
    file: 'token.secret',
    help: 'reference of the secret of another backend that is the ID token',
  },
  'service-connection': {
    area: 'backend',
    parser: identifier,
    value: 'ID',
    file: 'token.service-connection',
    help: 'in Azure Pipelines, the service connection that the ID token is to be of',
  },
  audience: {
    area: 'backend',
    parser: text,
    value: 'TEXT',
    file: 'token.audience',
    help: 'audience that the ID token must carry',
  },
  issuer: {
    area: 'backend',
    parser: text,
    value: 'URL',
    file: 'token.issuer',
    help: 'issuer that the ID token must name',
  },
});
