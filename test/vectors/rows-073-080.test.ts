import { playRows } from '../support/play.ts';

await playRows(73, 80);
