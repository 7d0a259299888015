import { describe, expect, it } from 'vitest';
import { AddressBook } from '../../lib/load/address-book.js';

async function bookOf(host: string, pin?: string): Promise<AddressBook> {
  const book = new AddressBook(host, pin, () => {});
  await book.resolve();
  return book;
}

describe('an address book', () => {
  it('hands out a literal address and a pin without asking anybody', async () => {
    expect((await bookOf('192.0.2.7')).next()).toBe('192.0.2.7');
    expect((await bookOf('nowhere.invalid', '192.0.2.8')).next()).toBe('192.0.2.8');
  });

  it('rejects a name that nobody knows, and knows no address for it', async () => {
    const book = new AddressBook('nowhere.invalid', undefined, () => {});
    await expect(book.resolve()).rejects.toThrow();
    expect(book.next()).toBeNull();
  });

  it('says how long a lookup took', async () => {
    const took: number[] = [];
    await new AddressBook('localhost', undefined, (us) => took.push(us)).resolve();
    expect(took).toHaveLength(1);
    expect(took[0]).toBeGreaterThanOrEqual(0);
  });

  it('goes over to the other family when nobody answers in the first, and never after one did', async () => {
    const book = await bookOf('localhost');
    const first = book.next()!;
    const other = book.failed(first) ? book.next() : null;
    // A machine may know localhost by one family only; then there is nothing to go over to.
    if (other === null) return expect(book.next()).toBe(first);
    expect(other).not.toBe(first);
    // Attempts at the first that were still under way may be made again, too.
    expect(book.failed(first)).toBe(true);
    expect(book.failed(other)).toBe(false);
    const settled = await bookOf('localhost');
    settled.worked();
    expect(settled.failed(settled.next()!)).toBe(false);
  });
});
