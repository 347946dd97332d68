import { playRows } from '../support/play.ts';

await playRows(52, 62);
