'use client';
import { SunMoon } from 'lucide-react';
import { IconButton } from '../ui/Button';

/** Light or dark, kept in this browser. */
export function ThemeToggle() {
  return (
    <IconButton label="Switch between light and dark" onClick={toggle}>
      <SunMoon aria-hidden size={17} />
    </IconButton>
  );
}

function toggle(): void {
  const next = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem('theme', next);
  } catch {
    // Storage may be blocked; the choice then lasts as long as the page.
  }
}
