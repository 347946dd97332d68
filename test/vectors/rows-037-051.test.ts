import { playRows } from '../support/play.ts';

await playRows(37, 51);
