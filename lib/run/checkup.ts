import { type CloudFacts, known } from './cloud-facts.js';
import { concurrencyFindings } from './concurrency-findings.js';
import { deployedFindings, type Measure } from './deployed-findings.js';
import type { Egress } from './egress.js';
import { bad, CHECKS, type Finding, good, unknown } from './finding.js';
import { readiness } from './readiness.js';

/** All that stands in the way of a run, each with what mends it. */
export function checkup(facts: CloudFacts, measure: Measure): readonly Finding[] {
  const found = [
    good('credentials', `account ${facts.account}, home ${facts.home}`),
    ...readiness(facts),
    ...deployedFindings(facts, measure),
    ...concurrencyFindings(facts, measure),
    ...egressFindings(facts),
  ];
  return CHECKS.flatMap((check) => found.filter((finding) => finding.check === check));
}

/** Workers in a network of their owner's reach targets, and the bucket, through NAT only. */
function egressFindings({ regions }: CloudFacts): Finding[] {
  const check = 'way out';
  const found = regions.flatMap(({ region, egress }) => {
    if ('value' in egress) return egress.value.flatMap((one) => subnetFinding(region, one));
    return unknown(
      check,
      `how workers in ${region} reach the internet is not told: ${egress.trouble}`,
      'allow ec2:DescribeSubnets and ec2:DescribeRouteTables',
    );
  });
  const subnets = regions.flatMap((one) => known(one.egress) ?? []);
  if (found.length > 0 || subnets.length === 0) return found;
  return [good(check, `${subnets.map(({ subnet }) => subnet).join(', ')}: through NAT`)];
}

function subnetFinding(region: string, { subnet, table, way }: Egress): Finding[] {
  if (way === 'translated') return [];
  const verb = way === 'gateway' ? 'replace-route' : 'create-route';
  const text =
    way === 'gateway'
      ? `${subnet} in ${region} leads to an internet gateway, which functions have no address for`
      : `nothing leads from ${subnet} in ${region} to the internet`;
  const command = `aws ec2 ${verb} --region ${region} --route-table-id ${table ?? 'rtb-…'} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-…`;
  return [bad('way out', text, command)];
}
