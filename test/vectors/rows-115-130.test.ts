import { playRows } from '../support/play.ts';

await playRows(115, 130);
