export { registerMasks } from './mask.ts';
export { checkNames } from './names.ts';
export { createRedactor, type Redactor } from './redactor.ts';
export { openSink } from './sink.ts';
export type { Sink, SinkSettings, Staged } from './types.ts';
