"""What people were told and what they agreed to: policies, notices, consents and their evidence."""
