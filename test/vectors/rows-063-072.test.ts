import { playRows } from '../support/play.ts';

await playRows(63, 72);
