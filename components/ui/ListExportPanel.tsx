'use client';
import { useEffect, useRef, useState } from 'react';
import { exportUrl } from '@/contract/keys';
import type { Problem } from '@/contract/problem';
import { ApiError, download } from '../live/api';
import { Button } from './Button';
import { formatBytesDone } from './format';
import type { ToolProps } from './list-types';
import { ErrorPanel } from './states';

type Progress = { kind: 'ready' } | { kind: 'running'; bytes: number } | { kind: 'done'; file: string; bytes: number };

/** The whole filtered list as a file, in the order shown: every row and every field, not only what is on screen. */
export function ListExportPanel({ name, cluster, title, state }: ToolProps) {
  const [progress, setProgress] = useState<Progress>({ kind: 'ready' });
  const [problem, setProblem] = useState<Problem>();
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const save = async (format: 'csv' | 'json') => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setProblem(undefined);
    setProgress({ kind: 'running', bytes: 0 });
    const file = `${cluster}-${name}.${format}`;
    try {
      const bytes = await download(
        exportUrl(cluster, name, { format, q: state.q, sort: state.sort }),
        file,
        stop.signal,
        (n) => setProgress({ kind: 'running', bytes: n }),
      );
      setProgress({ kind: 'done', file, bytes });
    } catch (error) {
      if (stop.signal.aborted) return;
      setProgress({ kind: 'ready' });
      if (error instanceof ApiError) setProblem(error.problem);
      else throw error;
    }
  };
  return (
    <div className="flex flex-col gap-3">
      <p>
        All {title.toLowerCase()} that {state.q ? 'match the filter' : 'there are'}, in the order shown, with every
        field.
      </p>
      <div className="flex gap-2">
        <Button onClick={() => void save('csv')}>Download CSV</Button>
        <Button onClick={() => void save('json')}>Download JSON</Button>
      </div>
      <p role="status" className="text-ink-2">
        {progress.kind === 'running' && `${formatBytesDone(progress.bytes)} so far …`}
        {progress.kind === 'done' && `${progress.file}, ${formatBytesDone(progress.bytes)}, is in your downloads.`}
      </p>
      {problem && <ErrorPanel problem={problem} />}
    </div>
  );
}
