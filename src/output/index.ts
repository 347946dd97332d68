export { registerMasks } from './mask.ts';
export { checkForeignNames, checkNames, type NamedRequest } from './names.ts';
export { createRedactor } from './message-redactor.ts';
export { createStreamRedactor } from './redactor.ts';
export { openSink } from './sink.ts';
export { openDirectorySink } from './files-directory.ts';
export { commitBoth } from './commit-both.ts';
export { openOutlet, type Outlet } from './outlet.ts';
export { type Relay, startRelay, streamSource } from './relay.ts';
