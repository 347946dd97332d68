import { playRows } from '../support/play.ts';

await playRows(26, 36);
