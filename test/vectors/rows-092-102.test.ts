import { playRows } from '../support/play.ts';

await playRows(92, 102);
