'use client';
import { useConnection, useLiveState } from '../live/LiveProvider';
import { Badge } from '../ui/Badge';
import { durationText } from '../ui/format';
import { useNow } from '../ui/useNow';

/** Whether this page is live: "live", "catching up", or since when it is not and when the next try is. */
export function ConnectionState() {
  const state = useLiveState();
  const connection = useConnection();
  const now = useNow();
  return (
    <div role="status" aria-label="Connection to the console" className="flex items-center gap-2">
      {state.kind === 'live' && connection.isUpgraded && (
        <button
          type="button"
          className="text-accent underline underline-offset-2"
          onClick={() => window.location.reload()}
        >
          The console was upgraded: reload
        </button>
      )}
      {state.kind === 'live' && <Badge tone="ok">Live</Badge>}
      {(state.kind === 'connecting' || state.kind === 'idle') && <Badge tone="busy">Catching up</Badge>}
      {state.kind === 'offline' && (
        <>
          <Badge tone="bad">
            <span suppressHydrationWarning>
              Offline since {new Date(state.since).toLocaleTimeString()}, next try in{' '}
              {durationText((state.nextTryAt - now) / 1000)}
            </span>
          </Badge>
          <button type="button" className="text-accent underline underline-offset-2" onClick={connection.retryNow}>
            Try now
          </button>
        </>
      )}
    </div>
  );
}
