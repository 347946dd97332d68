import { vector } from '../support/vectors.ts';

export default vector({
  row: 95,
  title: 'no writable place at all',
  cases: [
    {
      env: {
        SECRETCTL_CACHE_DIR: undefined,
        HOME: undefined,
        TMPDIR: '/sys/nothing',
        XDG_RUNTIME_DIR: undefined,
        XDG_CACHE_HOME: '/sys/nothing',
      },
      exit: 0,
      says: [/warning: .*(?:kept|cache)/],
    },
  ],
});
