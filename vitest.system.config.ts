import { defineConfig } from 'vitest/config';
import { SYSTEM, TIMES } from './vitest.config.ts';

/** The built program case by case: `npm run test:system`, which CI runs after `npm test`. */
export default defineConfig({ test: { include: [...SYSTEM], ...TIMES } });
