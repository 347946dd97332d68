import { playRows } from '../support/play.ts';

await playRows(103, 114);
