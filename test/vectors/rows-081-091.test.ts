import { playRows } from '../support/play.ts';

await playRows(81, 91);
