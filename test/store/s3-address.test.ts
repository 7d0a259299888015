import { expect, test } from 'vitest';
import { UsageError } from '../../lib/errors.js';
import { readS3Address, splitRunAddress, writeS3Address } from '../../lib/store/s3-address.js';

const RUN = '20261121-141503-checkout-7f3a';

test.each([
  ['s3://my-bucket', { bucket: 'my-bucket', prefix: '' }],
  ['s3://my-bucket/', { bucket: 'my-bucket', prefix: '' }],
  ['S3://my.bucket/team/a/', { bucket: 'my.bucket', prefix: 'team/a' }],
  ['s3://my-bucket//team', { bucket: 'my-bucket', prefix: 'team' }],
])('%s is %j', (text, address) => {
  expect(readS3Address(text)).toEqual(address);
  expect(readS3Address(writeS3Address(address))).toEqual(address);
});

test.each([
  ['s3://', /names no bucket/],
  ['s3:///team', /names no bucket/],
  ['s3://My_Bucket/a', /"My_Bucket" cannot be the name of a bucket/],
  ['s3://ab', /3 to 63/],
  ['s3://my-bucket/../a', /"\.\." cannot be part of a prefix/],
  ['s3://my-bucket/my runs', /"my runs" cannot be part of a prefix/],
])('%s is refused', (text, message) => {
  expect(() => readS3Address(text)).toThrow(UsageError);
  expect(() => readS3Address(text)).toThrow(message);
});

test.each([
  [`s3://my-bucket/runs/${RUN}`, { store: 's3://my-bucket', run: RUN }],
  [`s3://my-bucket/team/runs/${RUN}/`, { store: 's3://my-bucket/team', run: RUN }],
  [`s3://b-1/runs/x/runs/${RUN}/report/report.html`, { store: 's3://b-1/runs/x', run: RUN }],
  ['s3://my-bucket/team', null],
  ['s3://my-bucket/runs', null],
  ['s3://my-bucket', null],
])('%s lies in %j', (text, split) => {
  expect(splitRunAddress(text)).toEqual(split);
});
