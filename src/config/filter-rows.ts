import { listOf, variableName } from '../lib/parsers.ts';
import { FOR_ONE_RUN, rows } from './general-row.ts';

/** What `mask` looks for. */
export const FILTER_ROWS = rows({
  names: {
    area: 'filter',
    parser: listOf(variableName),
    value: 'NAME',
    default: [],
    file: FOR_ONE_RUN,
    help: 'of the configured secrets, mask this one; may be repeated',
  },
  env: {
    area: 'filter',
    parser: listOf(variableName),
    value: 'NAME',
    default: [],
    file: FOR_ONE_RUN,
    help: 'mask what this variable holds; where nothing else is asked for, nothing is fetched; may be repeated',
  },
});
