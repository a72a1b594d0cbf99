'use client';
import Link from 'next/link';
import { type ComponentProps, useState } from 'react';

/**
 * A link that is fetched ahead when it is pointed at or focused. Next fetches every link in view instead: of a header with
 * eight, sixteen requests a page, which reached the limit of a session for somebody who turns pages quickly.
 */
export function PointedLink(props: ComponentProps<typeof Link>) {
  const [isPointedAt, setPointedAt] = useState(false);
  const point = () => setPointedAt(true);
  return <Link {...props} prefetch={isPointedAt ? null : false} onMouseEnter={point} onFocus={point} />;
}
