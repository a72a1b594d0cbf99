import { describe, expect, it } from 'vitest';
import { moveColumn, parseColumns, printColumns, resizeColumn, toggleColumn, tracksOf } from './list-columns';

const COLUMNS = [{ key: 'name' }, { key: 'status' }, { key: 'size' }, { key: 'id', optional: true }] as const;
const keys = (text: string) => parseColumns(text, COLUMNS).map((c) => c.key);

describe('columns in the address', () => {
  it('shows all but the optional ones when nobody has chosen', () => {
    expect(keys('')).toEqual(['name', 'status', 'size']);
  });

  it('keeps choice, order and width over a round trip', () => {
    const text = 'name,size~120,id';
    expect(parseColumns(text, COLUMNS)).toEqual([{ key: 'name' }, { key: 'size', widthPx: 120 }, { key: 'id' }]);
    expect(printColumns(parseColumns(text, COLUMNS), COLUMNS)).toBe(text);
  });

  it('never loses the name of the row, and never takes it from the first place', () => {
    expect(keys('size')).toEqual(['name', 'size']);
    expect(keys('size,name~200')).toEqual(['name', 'size']);
    expect(keys(',,')).toEqual(['name']);
    expect(moveColumn(parseColumns('', COLUMNS), 'status', -1).map((c) => c.key)).toEqual(['name', 'status', 'size']);
  });

  it('takes a link of another version, a repeated key and a mad width calmly', () => {
    expect(keys('name,vanished,status,status')).toEqual(['name', 'status']);
    expect(parseColumns('name,size~999999', COLUMNS)[1]).toEqual({ key: 'size' });
    expect(parseColumns('name,size~2', COLUMNS)[1]).toEqual({ key: 'size', widthPx: 48 });
    expect(parseColumns('name,size~<b>', COLUMNS)[1]).toEqual({ key: 'size' });
  });

  it('leaves the address empty for the columns that are shown anyway', () => {
    const shown = parseColumns('', COLUMNS);
    expect(printColumns(toggleColumn(toggleColumn(shown, 'size'), 'size'), COLUMNS)).toBe('');
    expect(printColumns(resizeColumn(resizeColumn(shown, 'size', 300), 'size', undefined), COLUMNS)).toBe('');
  });

  it('makes a row as wide as the least of each column together, so that it fits wherever that fits', () => {
    const columns = [
      { key: 'name', width: 'minmax(11rem, 2fr)' },
      { key: 'size', width: '6.5rem' },
      { key: 'status', width: 'minmax(8rem, 12rem)' },
    ];
    expect(tracksOf(columns, new Map([['status', 200]]))).toEqual({
      template: 'minmax(11rem, 2fr) 6.5rem 200px',
      least: 'calc(11rem + 6.5rem + 200px)',
    });
  });

  it('moves and hides', () => {
    const shown = parseColumns('', COLUMNS);
    expect(printColumns(moveColumn(shown, 'status', 1), COLUMNS)).toBe('name,size,status');
    expect(printColumns(moveColumn(shown, 'size', 1), COLUMNS)).toBe('');
    expect(printColumns(toggleColumn(shown, 'status'), COLUMNS)).toBe('name,size');
    expect(printColumns(toggleColumn(shown, 'id'), COLUMNS)).toBe('name,status,size,id');
  });
});
