/** One request that reached the server, without any of its secrets. */
export interface ReportedRequest {
  readonly method: string;
  /** Path and query as on the wire; whatever looks like a JWT in it is replaced. */
  readonly path: string;
  /** 0 while no answer has begun, and for good when none did: reset, silence. */
  readonly status: number;
  /** From the arrival of its headers to the end of its answer. */
  readonly milliseconds: number;
}

/** What `--report` writes. */
export interface RehearsalReport {
  readonly exchanges: number;
  readonly reads: number;
  /** In order of arrival. */
  readonly requests: readonly ReportedRequest[];
}

/** A line of the log while its request is under way. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  kind: 'exchange' | 'read' | undefined;
  status: number;
  milliseconds: number;
}

/** Every request that reached a server, while it runs. */
export interface RequestLog {
  /** In order of arrival. */
  readonly requests: readonly ReportedRequest[];
  open(method: string, target: string): RequestRecord;
  /** Resolves when this many requests have arrived. */
  arrival(count: number): Promise<void>;
  finish(record: RequestRecord, status: number, milliseconds: number): void;
  report(): RehearsalReport;
}

const LOOKS_LIKE_JWT = /eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,4}/g;

/** An empty log. */
export function openRequestLog(): RequestLog {
  const records: RequestRecord[] = [];
  const waiting = new Set<{ readonly count: number; readonly resolve: () => void }>();
  return {
    requests: records,
    open(method, target) {
      const path = target.replace(LOOKS_LIKE_JWT, '[token]');
      const record: RequestRecord = { method, path, kind: undefined, status: 0, milliseconds: 0 };
      records.push(record);
      for (const { count, resolve } of waiting) if (records.length >= count) resolve();
      return record;
    },
    arrival: (count) =>
      new Promise((resolve) => {
        if (records.length >= count) resolve();
        else waiting.add({ count, resolve });
      }),
    finish(record, status, milliseconds) {
      record.status = status;
      record.milliseconds = Math.round(milliseconds * 10) / 10;
    },
    report: () => ({
      exchanges: records.filter(({ kind }) => kind === 'exchange').length,
      reads: records.filter(({ kind }) => kind === 'read').length,
      requests: records.map(({ method, path, status, milliseconds }) => ({ method, path, status, milliseconds })),
    }),
  };
}
