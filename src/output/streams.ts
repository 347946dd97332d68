export { openOutlet } from './outlet.ts';
export { createStreamRedactor } from './redactor.ts';
export { startRelay, streamSource } from './relay.ts';
