import type * as Streams from './streams.ts';

export { isReadByShell } from './descriptors.ts';
export { registerMasks } from './mask.ts';
export { checkForeignNames, checkNames, type NamedRequest } from './names.ts';
export { createRedactor } from './message-redactor.ts';
export { areSame } from './descriptors.ts';
export { openSink } from './sink.ts';
export { openDirectorySink } from './files-directory.ts';
export { commitBoth } from './commit-both.ts';
export type { Outlet } from './outlet.ts';
export type { Relay } from './relay.ts';

/** What redacts streams: only `run` and `mask` load it. */
export function streams(): Promise<typeof Streams> {
  return import('./streams.ts');
}
