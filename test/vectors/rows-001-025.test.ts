import { playRows } from '../support/play.ts';

await playRows(1, 25);
