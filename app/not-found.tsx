import { Notice } from '@/components/shell/Notice';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return (
    <Notice title="There is no such page" link={{ href: '/', text: 'Go to the clusters' }}>
      The address may be mistyped, or what it named is gone.
    </Notice>
  );
}
