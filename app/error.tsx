'use client';
import { Notice } from '@/components/shell/Notice';
import { Button } from '@/components/ui/Button';

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <Notice title="This page could not be shown" action={<Button onClick={reset}>Try again</Button>}>
      An error in the console itself. Your storage is not affected by it.
    </Notice>
  );
}
