"""What everybody pays who talks to DynamoDB from Python: `python reference.py SITE_PACKAGES`."""

import sys

sys.path.insert(0, sys.argv[1])

import boto3

boto3.client("dynamodb")
